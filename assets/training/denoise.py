"""Trains ocelli-denoise: blind colour denoising, eight convolutions at half resolution."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

from common import (HELD_OUT, Graph, Schedule, load, parameters, psnr, training_photos, turn,
                    verify, write_toml)

CHANNELS, CONVS, PATCH, BATCH = 48, 8, 96, 8
WEAKEST, STRONGEST = 5 / 255, 50 / 255


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [12] + [CHANNELS] * (CONVS - 1) + [12]
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight)
            nn.init.zeros_(conv.bias)
        self.convs[-1].weight.data.mul_(0.01)

    def forward(self, x):
        # Channels in the order of ONNX's SpaceToDepth: block position first, colour last.
        n, c, h, w = x.shape
        y = x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4)
        y = y.reshape(n, 4 * c, h // 2, w // 2)
        for conv in self.convs[:-1]:
            y = F.relu(conv(y))
        return x + F.pixel_shuffle(self.convs[-1](y), 2).float()

    def export(self, path):
        graph = Graph("ocelli-denoise")
        y = graph.node("SpaceToDepth", ["input"], "packed", blocksize=2)
        for i, conv in enumerate(self.convs[:-1]):
            y = graph.node("Relu", [graph.conv(y, conv, f"conv{i + 1}")], f"act{i + 1}")
        y = graph.conv(y, self.convs[-1], f"conv{CONVS}")
        y = graph.node("DepthToSpace", [y], "residual", blocksize=2, mode="CRD")
        graph.node("Add", ["input", y], "output")
        shape = ["batch", 3, "height", "width"]
        graph.save(path, shape, shape)


def spoil(clean, sigma, generator):
    """Gaussian noise, then clipped to eight bits as a picture file is."""
    noisy = clean + sigma * torch.randn(clean.shape, generator=generator)
    return (noisy.clamp(0, 1) * 255).round() / 255


def batch(photos, generator):
    patches = []
    for index in torch.randint(len(photos), (BATCH,), generator=generator).tolist():
        photo = photos[index]
        top = int(torch.randint(photo.shape[1] - PATCH + 1, (1,), generator=generator))
        left = int(torch.randint(photo.shape[2] - PATCH + 1, (1,), generator=generator))
        k = int(torch.randint(8, (1,), generator=generator))
        patches.append(turn(photo[:, top:top + PATCH, left:left + PATCH], k))
    clean = torch.stack(patches)
    span = torch.rand(BATCH, 1, 1, 1, generator=generator)
    return spoil(clean, WEAKEST + (STRONGEST - WEAKEST) * span, generator), clean


def measure(run, data, sigma):
    """Mean PSNR over the pictures kept out of training: (denoised, noisy)."""
    generator = torch.Generator().manual_seed(7)
    scores = []
    for name in sorted(HELD_OUT):
        clean = load(data / "kodak24" / f"{name}.png")
        noisy = spoil(clean, sigma / 255, generator)
        scores.append((psnr(run(noisy[None])[0].clamp(0, 1), clean), psnr(noisy, clean)))
    return tuple(sum(column) / len(column) for column in zip(*scores))


def main():
    args = parameters(argparse.ArgumentParser(description=__doc__), "ocelli-denoise", 6000, 12)
    photos = training_photos(args.data)
    generator = torch.Generator().manual_seed(args.seed)
    model = Denoiser().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    schedule = Schedule(optimizer, 1e-3, args.steps, args.minutes)
    while schedule.running():
        noisy, clean = batch(photos, generator)
        with torch.autocast("cpu", torch.bfloat16, enabled=schedule.progress < 0.8):
            loss = (model(noisy.contiguous(memory_format=torch.channels_last)) - clean).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.2)
        optimizer.step()
        if schedule.step % 250 == 0:
            print(f"step {schedule.step} loss {loss.item():.5f}", flush=True)

    path = args.out / "model.onnx"
    model = model.to(memory_format=torch.contiguous_format).eval()
    model.export(path)
    session = verify(path, model, [(1, 3, 32, 48), (2, 3, 58, 42)])
    scores = {}
    for sigma in (15, 25, 50):
        scores[sigma], noisy = measure(
            lambda x: torch.from_numpy(session.run(None, {"input": x.numpy()})[0]),
            args.data, sigma)
        print(f"Kodak held out, sigma {sigma}: {scores[sigma]:.2f} dB, noisy {noisy:.2f} dB")
    write_toml(args.out, TOML.format(psnr=scores[25]))


TOML = """\
name = "ocelli-denoise"
task = "denoise"
file = "model.onnx"
licence = "MIT OR Apache-2.0"
source = "trained by assets/training/denoise.py"
sha256 = "@SHA256@"

[input]
layout = "nchw"
color = "rgb"
range = [0.0, 1.0]
mean = [0.0]
std = [1.0]
size = "multiple"
multiple_of = 2

[output]
range = [0.0, 1.0]

[quality]
"Kodak (4 held out) sigma 25 PSNR dB" = {psnr:.2f}
"""

if __name__ == "__main__":
    main()
