"""The training loop that the recipes of picture models share."""

import argparse
import math
from pathlib import Path

import torch
from torch import nn


class Muon(torch.optim.Optimizer):
    """Momentum whose step is made orthogonal (Jordan 2024), for the matrices inside a network.

    Steps are scaled to the size that Adam's have, so that both share one learning rate.
    """

    def __init__(self, parameters, lr=1e-3, momentum=0.95):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight)
                held = state["momentum"]
                held.lerp_(weight.grad, 1 - group["momentum"])
                step = weight.grad.lerp(held, group["momentum"]).reshape(len(weight), -1)
                weight.add_(
                    orthogonal(step).reshape(weight.shape),
                    alpha=-group["lr"] * 0.2 * math.sqrt(max(step.shape)))


def orthogonal(x):
    """Five Newton-Schulz steps: the singular values of x go to about one."""
    turned = x.shape[0] > x.shape[1]
    x = x.T if turned else x
    x = x / (x.norm() + 1e-12)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (2.0315 * square @ square - 4.7750 * square) @ x
    return x.T if turned else x


def groups(model, muon):
    """(weights for Muon, weights for Adam): the convolutions inside, and the rest."""
    inner = []
    if muon:
        convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
        inner = [m.weight for m in convs[1:-1] if m.groups == 1]
    chosen = {id(w) for w in inner}
    return inner, [w for w in model.parameters() if id(w) not in chosen]


def fit(model, batch, loss, args, validate):
    """Trains for `args.steps` and leaves the averaged weights in `model`.

    `batch()` gives (input, wanted), where input may be a tuple; `loss(output, wanted, progress)`
    a scalar; `validate(model)` a score that is logged with the step, higher is better. A run goes
    on from `args.work`/checkpoint.pt where there is one. Returns the curve: (step, score).
    """
    model.to(memory_format=torch.channels_last)
    inner, rest = groups(model, args.muon)
    optimizers = [torch.optim.Adam(rest, betas=(0.9, 0.99))] + ([Muon(inner)] if inner else [])
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    curve, step = [], 0
    args.work.mkdir(parents=True, exist_ok=True)
    checkpoint = args.work / "checkpoint.pt"
    if checkpoint.exists():
        held = torch.load(checkpoint)
        model.load_state_dict(held["model"])
        average, curve, step = held["average"], held["curve"], held["step"]
        for optimizer, state in zip(optimizers, held["optimizers"]):
            optimizer.load_state_dict(state)
    running = 0.0
    while step < args.steps:
        progress = step / args.steps
        rate = args.rate * min(1, (step + 1) / 200) * (
            0.5 * (1 + math.cos(math.pi * progress)) + 2e-3)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad(set_to_none=True)
        given, wanted = batch()
        given = given if isinstance(given, tuple) else (given,)
        given = [x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x for x in given]
        # Half precision for speed, full precision for the fine end.
        with torch.autocast("cpu", torch.bfloat16, enabled=progress < args.half):
            output = model(*given)
        value = loss(output, wanted, progress)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.2)
        for optimizer in optimizers:
            optimizer.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, weight in model.state_dict().items():
                average[name].lerp_(weight, 1 - keep)
        running = 0.99 * running + 0.01 * value.item()
        step += 1
        if step % args.every == 0 or step >= args.steps:
            trained = {k: v.clone() for k, v in model.state_dict().items()}
            model.load_state_dict(average)
            with torch.no_grad():
                curve.append((step, validate(model)))
            model.load_state_dict(trained)
            torch.save({"model": trained, "average": average, "curve": curve, "step": step,
                        "optimizers": [o.state_dict() for o in optimizers]}, checkpoint)
            print(f"step {step} loss {running:.6f} score {curve[-1][1]:.4f}", flush=True)
    model.load_state_dict(average)
    model.to(memory_format=torch.contiguous_format).eval()
    return curve


def options(parser, out, work, steps, rate=1e-3, half=0.75):
    """Adds what every recipe takes."""
    parser.add_argument("--data", type=Path, required=True, help="folder of picture sets")
    parser.add_argument("--out", type=Path, default=out, help="package folder to write")
    parser.add_argument("--work", type=Path, default=work, help="folder of checkpoints")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--half", type=float, default=half, help="share of steps in bfloat16")
    parser.add_argument("--every", type=int, default=500, help="steps between scores")
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser
