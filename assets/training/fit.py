"""The training loop that the recipes of picture models share."""

import argparse
import math
import os
import time
from pathlib import Path

import torch
from torch import distributed, nn


# The last part of a run, in which the learning rate falls to nothing.
FALL = 0.5


def rank():
    """Number of this process among those that train together."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def world():
    return distributed.get_world_size() if distributed.is_initialized() else 1


def summed(tensors):
    """The tensors, each summed over the processes."""
    if world() == 1:
        return tensors
    flat = torch.cat([x.reshape(-1) for x in tensors])
    distributed.all_reduce(flat)
    return [x.view_as(like) for x, like in zip(flat.split([x.numel() for x in tensors]), tensors)]


class Muon(torch.optim.Optimizer):
    """Momentum whose step is made orthogonal (Jordan 2024), for the matrices inside a network.

    Steps are scaled to the size that Adam's have, so that both share one learning rate.
    """

    def __init__(self, parameters, lr=1e-3, momentum=0.95):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            weights = [w for w in group["params"] if w.grad is not None]
            steps = []
            for index, weight in enumerate(weights):
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight)
                held = state["momentum"]
                held.lerp_(weight.grad, 1 - group["momentum"])
                step = weight.grad.lerp(held, group["momentum"]).reshape(len(weight), -1)
                # Each process does its share.
                mine = index % world() == rank()
                steps.append(orthogonal(step) if mine else torch.zeros_like(step))
            for weight, step in zip(weights, summed(steps)):
                weight.add_(step.reshape(weight.shape),
                            alpha=-group["lr"] * 0.2 * math.sqrt(max(step.shape)))


def orthogonal(x):
    """Five Newton-Schulz steps: the singular values of x go to about one."""
    turned = x.shape[0] > x.shape[1]
    x = x.T if turned else x
    x = (x / (x.norm() + 1e-12)).bfloat16()
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (2.0315 * square @ square - 4.7750 * square) @ x
    return (x.T if turned else x).float()


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
    on from `args.work`/checkpoint.pt where there is one. With `args.minutes` the schedule goes by
    the clock where that is ahead of the steps. Processes that train together (`together`) each see
    batches of their own and take steps by their mean. Returns the curve: (step, score).
    """
    model.to(memory_format=torch.channels_last)
    inner, rest = groups(model, args.muon)
    optimizers = [torch.optim.Adam(rest, betas=(0.9, 0.99))] + ([Muon(inner)] if inner else [])
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    curve, step, begun, start = [], 0, 0.0, time.monotonic()
    args.work.mkdir(parents=True, exist_ok=True)
    checkpoint = args.work / "checkpoint.pt"
    if checkpoint.exists():
        held = torch.load(checkpoint)
        model.load_state_dict(held["model"])
        average, curve, step = held["average"], held["curve"], held["step"]
        begun = step / args.steps
        for optimizer, state in zip(optimizers, held["optimizers"]):
            optimizer.load_state_dict(state)
    running = 0.0
    while True:
        spent = (time.monotonic() - start) / 60 / args.minutes if args.minutes else 0
        # The first process tells the others the time.
        spent = summed([torch.tensor([spent if rank() == 0 else 0.0])])[0].item()
        progress = max(step / args.steps, begun + (1 - begun) * spent)
        if progress >= 1:
            break
        rate = args.rate * min(1, (step + 1) / 200, (1 - progress) / FALL)
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
        graded = [w for w in model.parameters() if w.grad is not None]
        for weight, total in zip(graded, summed([w.grad for w in graded])):
            weight.grad = total / world()
        nn.utils.clip_grad_norm_(model.parameters(), 0.2)
        for optimizer in optimizers:
            optimizer.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, weight in model.state_dict().items():
                average[name].lerp_(weight, 1 - keep)
        running = 0.99 * running + 0.01 * value.item()
        step += 1
        if step % args.every == 0 and rank() == 0:
            trained = {k: v.clone() for k, v in model.state_dict().items()}
            model.load_state_dict(average)
            with torch.no_grad():
                curve.append((step, validate(model)))
            model.load_state_dict(trained)
            torch.save({"model": trained, "average": average, "curve": curve, "step": step,
                        "optimizers": [o.state_dict() for o in optimizers]}, checkpoint)
            print(f"step {step} at {progress:.3f} loss {running:.6f} score {curve[-1][1]:.4f}", flush=True)
    if rank() == 0:
        torch.save({"average": average, "curve": curve, "step": step}, args.work / "end.pt")
    model.load_state_dict(average)
    model.to(memory_format=torch.contiguous_format).eval()
    return curve


def together(args):
    """Joins the processes of `torchrun`, if any, and sets seeds and threads.

    Weights begin alike in all of them. Returns the generator of this one's batches.
    """
    if "WORLD_SIZE" in os.environ:
        distributed.init_process_group("gloo")
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    return torch.Generator().manual_seed(args.seed + 1000 * rank())


def options(parser, out, work, steps, rate=1e-3, half=0.75):
    """Adds what every recipe takes."""
    parser.add_argument("--data", type=Path, required=True, help="folder of picture sets")
    parser.add_argument("--out", type=Path, default=out, help="package folder to write")
    parser.add_argument("--work", type=Path, default=work, help="folder of checkpoints")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--minutes", type=float, help="end no later than this")
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--half", type=float, default=half, help="share of steps in bfloat16")
    parser.add_argument("--every", type=int, default=500, help="steps between scores")
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser
