"""Trains ocelli-lowlight: a map of brightening curves from a small network at a sixteenth of the size.

As in Zero-DCE (Guo 2020) each pixel goes ROUNDS times through x + a x (1 - x), where a in -1..1 is
a smooth map for each colour; so nothing is clipped and dark stays darker than bright. The network
learns from pictures that were made dark: less exposure in linear light, shot and read noise, eight
bits; what it is to give is the picture as it was.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from common import HELD_OUT, ROOT, Graph, load, psnr, training_photos, verify, write_toml
from fit import fit, options
from restorer import patches

ROUNDS, WIDTH, REDUCE = 6, 32, 16
PATCH, BATCH = 128, 8
# Stops of exposure that are taken away in training.
MOST_STOPS = 5.0


class Brightener(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([
            nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.Conv2d(16, WIDTH, 3, stride=2, padding=1),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.Conv2d(WIDTH, 3, 3, padding=1)])
        self.convs[-1].weight.data.mul_(0.1)

    def forward(self, x):
        y = F.avg_pool2d(x, 4)
        for conv in self.convs[:-1]:
            y = F.relu(conv(y))
        a = torch.tanh(self.convs[-1](y).float())
        a = F.interpolate(a, scale_factor=REDUCE, mode="bilinear", align_corners=False)
        for _ in range(ROUNDS):
            x = x + a * (x - x * x)
        return x

    def export(self, path):
        graph = Graph("ocelli-lowlight")
        y = graph.node("AveragePool", ["input"], "small", kernel_shape=[4, 4], strides=[4, 4])
        for i, conv in enumerate(self.convs[:-1]):
            y = graph.node("Relu", [graph.conv(y, conv, f"conv{i + 1}")], f"act{i + 1}")
        y = graph.node("Tanh", [graph.conv(y, self.convs[-1], f"conv{len(self.convs)}")], "amount")
        scales = graph.const("scales", np.array([1, 1, REDUCE, REDUCE], np.float32))
        a = graph.node("Resize", [y, "", scales], "map", mode="linear",
                       coordinate_transformation_mode="half_pixel")
        x = "input"
        for i in range(1, ROUNDS + 1):
            room = graph.node("Sub", [x, graph.node("Mul", [x, x], f"square{i}")], f"room{i}")
            more = graph.node("Mul", [a, room], f"more{i}")
            x = graph.node("Add", [x, more], "output" if i == ROUNDS else f"round{i}")
        shape = ["batch", 3, "height", "width"]
        graph.save(path, shape, shape)


def to_linear(x):
    return torch.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def from_linear(x):
    x = x.clamp(0, 1)
    return torch.where(x <= 0.0031308, x * 12.92, 1.055 * x.clamp(min=1e-6) ** (1 / 2.4) - 0.055)


def darken(clean, stops, grain, generator):
    """`stops` less exposure in linear light, shot and read noise of strength `grain`, eight bits."""
    light = to_linear(clean) * 2.0 ** -stops
    spread = (grain * (light * 1e-3 + 1e-6)).sqrt()
    dark = from_linear(light + spread * torch.randn(clean.shape, generator=generator))
    return (dark * 255).round() / 255


def ssim(a, b):
    """Wang 2004: luma, Gaussian window of 11 and 1.5 pixels, values in 0..1."""
    weight = torch.tensor([0.299, 0.587, 0.114]).reshape(3, 1, 1)
    a, b = [(x * weight).sum(0)[None, None].double() for x in (a, b)]
    at = torch.arange(11, dtype=torch.float64) - 5
    kernel = torch.exp(-at ** 2 / (2 * 1.5 ** 2))
    kernel = torch.outer(kernel, kernel)[None, None] / kernel.sum() ** 2

    def mean(x):
        return F.conv2d(x, kernel)

    ma, mb = mean(a), mean(b)
    va, vb, vab = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    return float((((2 * ma * mb + c1) * (2 * vab + c2))
                  / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def held_out(data, stops):
    """(clean, dark) of the pictures kept out of training."""
    generator = torch.Generator().manual_seed(7)
    for name in sorted(HELD_OUT):
        clean = load(data / "kodak24" / f"{name}.png")
        yield clean, darken(clean, stops, 1.0, generator)


def measure(run, pictures):
    """Mean (PSNR in dB, SSIM)."""
    scores = []
    for clean, dark in pictures:
        got = run(dark[None])[0].clamp(0, 1)
        scores.append((psnr(got, clean), ssim(got, clean)))
    return tuple(sum(column) / len(column) for column in zip(*scores))


def batch(photos, generator):
    clean = patches(photos, BATCH, PATCH, generator)
    stops = MOST_STOPS * torch.rand(BATCH, 1, 1, 1, generator=generator)
    grain = 2 * torch.rand(BATCH, 1, 1, 1, generator=generator)
    return darken(clean, stops, grain, generator), clean


def loss(output, wanted, progress):
    """Difference as it is, and of colours and light averaged over blocks of sixteen."""
    means = [F.avg_pool2d(x, 16) for x in (output, wanted)]
    return (output - wanted).abs().mean() + (means[0] - means[1]).abs().mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    name = "ocelli-lowlight"
    args = options(parser, ROOT / "models" / name, Path("target/training") / name, 2500, 2e-3,
                   0.0).parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    model = Brightener()
    photos = training_photos(args.data)
    photos += [F.interpolate(x[None], scale_factor=0.5, mode="bicubic", antialias=True)[0].clamp(0, 1)
               for x in photos]
    generator = torch.Generator().manual_seed(args.seed)
    probe = list(held_out(args.data, 3))
    fit(model, lambda: batch(photos, generator), loss, args, lambda m: measure(m, probe)[0])

    write(model, args)


def write(model, args):
    """Writes the package and measures the file under ONNX Runtime."""
    path = args.out / "model.onnx"
    model.export(path)
    session = verify(path, model, [(1, 3, 32, 48), (2, 3, 64, 96)])
    quality = []
    for stops in (0, 2, 3, 4):
        pictures = list(held_out(args.data, stops))
        after = measure(lambda x: torch.from_numpy(session.run(None, {"input": x.numpy()})[0]), pictures)
        before = measure(lambda x: x, pictures)
        print(f"Kodak held out, {stops} stops darker: {after[0]:.2f} dB, SSIM {after[1]:.3f}; "
              f"dark {before[0]:.2f} dB, SSIM {before[1]:.3f}")
        if stops:
            quality.append(f'"Kodak (4 held out) {stops} stops darker PSNR dB" = {after[0]:.2f}')
            quality.append(f'"Kodak (4 held out) {stops} stops darker SSIM" = {after[1]:.3f}')
    write_toml(args.out, TOML.format(multiple=REDUCE, quality="\n".join(quality)))


TOML = """\
name = "ocelli-lowlight"
task = "enhance"
file = "model.onnx"
licence = "MIT OR Apache-2.0"
source = "trained by assets/training/lowlight.py"
sha256 = "@SHA256@"

[input]
layout = "nchw"
color = "rgb"
range = [0.0, 1.0]
mean = [0.0]
std = [1.0]
size = "multiple"
multiple_of = {multiple}

[output]
range = [0.0, 1.0]
halo = 128

[quality]
{quality}
"""

if __name__ == "__main__":
    main()
