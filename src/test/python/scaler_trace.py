"""Writes src/test/resources/scaler/trace.json: what torch.amp.GradScaler does on scripted gradients.

    python src/test/python/scaler_trace.py

Each step has two gradients, of which some are not finite; the growth interval of 3 makes the scale grow and shrink
often. The version of PyTorch is in the file.
"""

import json
import pathlib

import torch

SETTINGS = {"init_scale": 1024.0, "growth_factor": 4.0, "backoff_factor": 0.25, "growth_interval": 3}
INF, NAN = float("inf"), float("nan")
STEPS = (
    [[1.0, -2.0]] * 7
    + [[INF, 1.0]]
    + [[0.5, 0.25]] * 2
    + [[1.0, NAN]]
    + [[0.5, 0.25]] * 4
    + [[-INF, INF], [NAN, NAN], [3.0, 4.0], [3.0, -INF]]
    + [[0.125, 8.0]] * 6
    + [[INF, 0.0]] * 4
    + [[1.0, 1.0]] * 4
)


def main():
    parameters = [torch.nn.Parameter(torch.tensor([1.0])), torch.nn.Parameter(torch.tensor([2.0]))]
    optimizer = torch.optim.AdamW(parameters, lr=0.1, betas=(0.9, 0.999), weight_decay=0.05)
    scaler = torch.amp.GradScaler("cpu", **SETTINGS)
    trace = []
    for gradients in STEPS:
        optimizer.zero_grad()
        scaler.scale(sum(p * g for p, g in zip(parameters, gradients)).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        state = scaler.state_dict()
        trace.append({
            "gradients": [str(g) for g in gradients],
            "scale": state["scale"],
            "growth_tracker": state["_growth_tracker"],
            "parameters": [p.item() for p in parameters],
        })
    file = pathlib.Path(__file__).parents[1] / "resources" / "scaler" / "trace.json"
    file.parent.mkdir(exist_ok=True)
    head = json.dumps({"torch": torch.__version__, **SETTINGS})[:-1]
    steps = ",\n".join(json.dumps(step) for step in trace)
    file.write_text(f'{head}, "steps": [\n{steps}\n]}}\n')


if __name__ == "__main__":
    main()
