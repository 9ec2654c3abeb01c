"""Trains ocelli-sr-x2: luma, twice the size, nine convolutions over a bicubic skip."""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from common import (Graph, Schedule, luma, load, parameters, psnr, training_photos, turn, verify,
                    write_toml)

CHANNELS, CONVS, PATCH, BATCH = 32, 9, 40, 16


class Upscaler(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1] + [CHANNELS] * (CONVS - 1) + [4]
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        self.acts = nn.ModuleList(nn.PReLU(CHANNELS, 0.1) for _ in range(CONVS - 1))
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, 0.1)
            nn.init.zeros_(conv.bias)
        self.convs[-1].weight.data.mul_(0.01)

    def forward(self, x):
        y = x
        for conv, act in zip(self.convs, self.acts):
            y = act(conv(y))
        y = F.pixel_shuffle(self.convs[-1](y), 2).float()
        return y + F.interpolate(x, scale_factor=2, mode="bicubic", align_corners=False)

    def export(self, path):
        graph = Graph("ocelli-sr-x2")
        scales = graph.const("scales", np.array([1, 1, 2, 2], np.float32))
        skip = graph.node("Resize", ["input", "", scales], "skip", mode="cubic", cubic_coeff_a=-0.75,
                          coordinate_transformation_mode="half_pixel")
        y = "input"
        for i, act in enumerate(self.acts):
            y = graph.prelu(graph.conv(y, self.convs[i], f"conv{i + 1}"), act, f"act{i + 1}")
        y = graph.conv(y, self.convs[-1], f"conv{CONVS}")
        y = graph.node("DepthToSpace", [y], "detail", blocksize=2, mode="CRD")
        graph.node("Add", [y, skip], "output")
        graph.save(path, ["batch", 1, "height", "width"], ["batch", 1, "height_x2", "width_x2"])


def half(y):
    """The half-size picture that the model is to undo: antialiased bicubic, eight bits."""
    small = F.interpolate(y[None], scale_factor=0.5, mode="bicubic", antialias=True)[0]
    return (small.clamp(0, 1) * 255).round() / 255


def even(y):
    return y[:, : y.shape[1] // 2 * 2, : y.shape[2] // 2 * 2]


def pairs(data):
    found = []
    for photo in training_photos(data):
        y = luma(photo)
        for scale in (1.0, 0.75, 0.55):
            big = y if scale == 1 else F.interpolate(
                y[None], scale_factor=scale, mode="bicubic", antialias=True)[0].clamp(0, 1)
            big = even(big)
            found.append((half(big), big))
    return found


def batches(found, generator):
    areas = torch.tensor([float(small.numel()) for small, _ in found])
    while True:
        smalls, bigs = [], []
        for index in torch.multinomial(areas, BATCH, replacement=True, generator=generator):
            small, big = found[index]
            top = int(torch.randint(small.shape[1] - PATCH + 1, (1,), generator=generator))
            left = int(torch.randint(small.shape[2] - PATCH + 1, (1,), generator=generator))
            k = int(torch.randint(8, (1,), generator=generator))
            smalls.append(turn(small[:, top:top + PATCH, left:left + PATCH], k))
            bigs.append(turn(big[:, 2 * top:2 * (top + PATCH), 2 * left:2 * (left + PATCH)], k))
        yield torch.stack(smalls), torch.stack(bigs)


def measure(run, data):
    """Y-PSNR on Set5 as papers give it: Y in 16..235 of 255, two pixels shaved."""
    ours, bicubic = [], []
    for path in sorted((data / "set5").glob("*_GT.bmp")):
        big = even(luma(load(path)))
        small = half(big)[None]
        up = F.interpolate(small, scale_factor=2, mode="bicubic", align_corners=False)
        for list_, picture in ((ours, run(small)), (bicubic, up)):
            error = [x[..., 2:-2, 2:-2] * 219 / 255 for x in (picture[0].clamp(0, 1), big)]
            list_.append(psnr(*error))
    print("Set5 ours", [round(v, 2) for v in ours], "bicubic", [round(v, 2) for v in bicubic])
    return sum(ours) / len(ours), sum(bicubic) / len(bicubic)


def main():
    args = parameters(argparse.ArgumentParser(description=__doc__), "ocelli-sr-x2", 10000, 12)
    model = Upscaler().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    schedule = Schedule(optimizer, 1e-3, args.steps, args.minutes)
    source = batches(pairs(args.data), torch.Generator().manual_seed(args.seed))
    while schedule.running():
        small, big = next(source)
        # Half precision for speed, full precision for the fine end.
        with torch.autocast("cpu", torch.bfloat16, enabled=schedule.progress < 0.6):
            loss = (model(small.contiguous(memory_format=torch.channels_last)) - big).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        if schedule.step % 500 == 0:
            with torch.no_grad():
                score = measure(model, args.data)[0]
            print(f"step {schedule.step} loss {loss.item():.5f} Set5 {score:.2f} dB", flush=True)

    path = args.out / "model.onnx"
    model = model.to(memory_format=torch.contiguous_format).eval()
    model.export(path)
    session = verify(path, model, [(1, 1, 32, 48), (2, 1, 57, 41)])
    ours, bicubic = measure(
        lambda x: torch.from_numpy(session.run(None, {"input": x.numpy()})[0]), args.data)
    print(f"Set5 x2 Y-PSNR: {ours:.2f} dB, bicubic {bicubic:.2f} dB")
    write_toml(args.out, TOML.format(psnr=ours))


TOML = """\
name = "ocelli-sr-x2"
task = "upscale"
file = "model.onnx"
licence = "MIT OR Apache-2.0"
source = "trained by assets/training/sr.py"
sha256 = "@SHA256@"

[input]
layout = "nchw"
color = "y"
range = [0.0, 1.0]
mean = [0.0]
std = [1.0]
size = "any"

[output]
scale = 2
range = [0.0, 1.0]

[quality]
"Set5 x2 Y-PSNR dB" = {psnr:.2f}
"""

if __name__ == "__main__":
    main()
