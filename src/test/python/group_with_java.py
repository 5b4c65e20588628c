"""A process of PyTorch's and one of lavis4j's in one group: each is the first once, and both see the same numbers.

Needs the torch that the bindings were compiled for. After mvn test-compile:

    mvn -q dependency:build-classpath -Dmdep.outputFile=target/classpath
    python src/test/python/group_with_java.py target/test-classes:target/classes:$(cat target/classpath)

Ordinary tests do not run this.
"""

import os
import socket
import subprocess
import sys
from datetime import timedelta

import torch
import torch.distributed as dist

MEMBER = "io.lavis4j.distributed.GroupMember"
SECONDS = ["60", "20", "60"]  # of joining, silence, collectives


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def environment(rank, port):
    return {
        "RANK": str(rank),
        "WORLD_SIZE": "2",
        "LOCAL_RANK": str(rank),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }


class JavaMember:
    """A process of lavis4j's that does what it is told, a line at a time."""

    def __init__(self, class_path, rank, port):
        command = ["java", "-Xmx256m", "-cp", class_path, MEMBER, *SECONDS]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **environment(rank, port)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()

    def answer(self):
        return self.process.stdout.readline().strip()

    def leave(self):
        self.tell("leave")
        return self.process.wait(60)


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: expected {expected}, got {found}")
    print(f"{what}: {found}")


def meet(class_path, rank):
    """Joins as the given rank, Java being the other, and does with it what groups do."""
    port = free_port()
    java = JavaMember(class_path, 1 - rank, port)
    os.environ.update(environment(rank, port))
    dist.init_process_group("gloo", timeout=timedelta(seconds=60))
    expect("Java", java.answer(), f"joined {1 - rank} of 2")

    java.tell("barrier")
    dist.barrier()
    expect("barrier", java.answer(), "barrier")

    java.tell("sum")
    summed = torch.tensor([rank + 1.0, 10.0 * rank, 1.0, -float(rank)])
    dist.all_reduce(summed)
    expect("sum", (java.answer(), summed.tolist()), (str(summed.tolist()), [3.0, 10.0, 2.0, -1.0]))

    java.tell("gather")
    mine = torch.tensor([[float(rank), 1.0], [2.0, float(rank)]])
    both = torch.empty(4, 2)
    dist.all_gather_single(both, mine)
    expect("gather", both.flatten().tolist(), [0.0, 1.0, 2.0, 0.0, 1.0, 1.0, 2.0, 1.0])
    expect("gather in Java", java.answer(), "(2, 2)[0.0, 1.0, 2.0, 0.0] (2, 2)[1.0, 1.0, 2.0, 1.0]")

    if rank == 0:
        dist.destroy_process_group()  # its store stays until the end of the process
    expect("exit status of Java", java.leave(), 0)
    if rank == 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for rank in (0, 1):
        print(f"Python is rank {rank}, of torch {torch.__version__}")
        meet(sys.argv[1], rank)
    print("one group")
