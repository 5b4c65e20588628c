"""A process of PyTorch's and one of lavis4j's train a step in one group; each is the first once.

Both begin with the parameters of the first, average their gradients as GradientBuckets does, and take a step of AdamW,
after which all parameters are equal. Needs the torch that the bindings were compiled for. After mvn test-compile:

    mvn -q dependency:build-classpath -Dmdep.outputFile=target/classpath
    python src/test/python/train_with_java.py target/test-classes:target/classes:$(cat target/classpath)

Ordinary tests do not run this.
"""

import os
import struct
import subprocess
import sys
from datetime import timedelta

import torch
import torch.distributed as dist

from group_with_java import environment, free_port

PEER = "io.lavis4j.distributed.StepWithPython"
ROWS = 5
BOUND = 1e-6


def values(count, seed):
    return (torch.arange(1, count + 1, dtype=torch.float32) + 0.3 * seed).cos()


def all_gather(tensor):
    flat = torch.empty(2 * tensor.numel(), dtype=tensor.dtype)
    dist.all_gather_single(flat, tensor.detach().flatten())
    return flat.view(2, *tensor.shape)


def gather_bytes(own):
    """Processes.gather(byte[]): lengths, then bytes, padded to the longest."""
    lengths = all_gather(torch.tensor([len(own)])).flatten().tolist()
    padded = torch.zeros(max(lengths), dtype=torch.uint8)
    padded[: len(own)] = torch.tensor(list(own), dtype=torch.uint8)
    return [bytes(row[:length].tolist()) for row, length in zip(all_gather(padded), lengths)]


def average(parameters, signals):
    """GradientBuckets: one bucket, last parameters first, and what the processes tell one another."""
    backwards = list(reversed(parameters))
    flat = torch.cat([torch.zeros(p.numel()) if p.grad is None else p.grad.flatten() for p in backwards]) / 2
    mean = dist.all_reduce(flat, async_op=True)
    present = sum(1 << i for i, p in enumerate(parameters) if p.grad is not None)
    notes = gather_bytes(struct.pack(">ii", signals, 1) + bytes([present]))
    mean.wait()
    raised = 0
    for note in notes:
        signal, length = struct.unpack(">ii", note[:8])
        raised |= signal
        present |= int.from_bytes(note[8 : 8 + length], "little")
    start = 0
    for p in backwards:
        p.grad = flat[start : start + p.numel()].view_as(p)
        start += p.numel()
    for i, p in enumerate(parameters):
        if not present >> i & 1:
            p.grad = None
    return raised


def train(class_path, rank):
    """Joins as the given rank, Java being the other, and trains a step with it."""
    port = free_port()
    java = subprocess.Popen(
        ["java", "-Xmx256m", "-cp", class_path, PEER],
        env={**os.environ, **environment(1 - rank, port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    os.environ.update(environment(rank, port))
    dist.init_process_group("gloo", timeout=timedelta(seconds=60))
    weight = values(6, rank).view(2, 3).requires_grad_(True)
    bias = values(2, rank + 1).requires_grad_(True)
    unused = values(1, 0).requires_grad_(True)
    parameters = [weight, bias, unused]
    for parameter in parameters:
        dist.broadcast(parameter.detach(), 0)

    optimizer = torch.optim.AdamW(parameters, lr=0.1, betas=(0.9, 0.98), weight_decay=0.05)
    x = values(ROWS * 3, 10 + rank).view(ROWS, 3)
    (x @ weight.t() + bias).square().mean().backward()
    if average(parameters, 1 << rank) != 3:
        raise SystemExit("the signals are not those of both")
    optimizer.step()

    for name, parameter in zip(("weight", "bias", "unused"), parameters):
        difference = (all_gather(parameter) - parameter.detach()).abs().max().item()
        if difference > BOUND:
            raise SystemExit(f"{name} differs by {difference}")
        print(f"{name}: difference {difference}")
    if rank == 0:
        dist.destroy_process_group()  # its store stays until the end of the process
    found, _ = java.communicate(timeout=60)
    if java.returncode != 0 or found.strip() != f"trained {1 - rank}":
        raise SystemExit(f"Java ended with {java.returncode}: {found}")
    if rank == 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for rank in (0, 1):
        print(f"Python is rank {rank}, of torch {torch.__version__}")
        train(sys.argv[1], rank)
    print("one step in one group")
