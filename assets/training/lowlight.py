"""Trains ocelli-lowlight: a smooth map of gains from a small network at a 32nd of the size.

Each pixel goes through one curve, y = g x / (1 + (g^4 - 1) x^4)^(1/4), that multiplies what is dark
by g and bends so that white stays white; g from 1 to MOST_GAIN is shared by the three colours, so
that hues stay. The network learns from pictures that were made dark: less exposure in linear light,
uneven light, shot and read noise, eight bits; what it is to give is the picture as it was. It is
trained on pictures reduced by SMALL, where its own first step begins.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from common import HELD_OUT, ROOT, Graph, load, psnr, training_photos, verify, write_toml
from fit import fit, options, rank, together
from restorer import patches

WIDTH, SMALL, REDUCE = 32, 8, 32
# Reach of the convolutions at a 32nd of the size, in their own pixels.
DILATIONS = (1, 2, 4, 8, 1)
MOST_GAIN = 8.0
# Means over five by five cells that the map goes through, so that no cell shows.
SMOOTHINGS = 3
# Squares of the reduced pictures, and the sizes from which they are reduced.
PATCH, BATCH = 64, 32
SCALES = (1, 2)
# Stops of exposure that are taken away in training.
MOST_STOPS = 5.0


class Brightener(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(
            [nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.Conv2d(16, WIDTH, 3, stride=2, padding=1)]
            + [nn.Conv2d(WIDTH, WIDTH, 3, padding=d, dilation=d) for d in DILATIONS])
        self.last = nn.Conv2d(WIDTH, 1, 3, padding=1)
        self.last.weight.data.mul_(0.1)

    def amount(self, y):
        """Logarithm of the gain over its largest, for a picture that is reduced by SMALL."""
        # Dark tones are spread, as what differs between them is what matters here.
        y = y.clamp(min=0).sqrt()
        for conv in self.convs:
            y = F.relu(conv(y))
        y = torch.sigmoid(self.last(y))
        for _ in range(SMOOTHINGS):
            y = F.avg_pool2d(y, 5, 1, 2, count_include_pad=False)
        return y

    def curve(self, x, amount, reduce):
        amount = F.interpolate(amount, scale_factor=reduce, mode="bilinear", align_corners=False)
        gain = torch.exp(amount * math.log(MOST_GAIN))
        x4, g4 = (x * x) ** 2, (gain * gain) ** 2
        return gain * x / (1 + (g4 - 1) * x4).sqrt().sqrt()

    def forward(self, x):
        return self.curve(x, self.amount(F.avg_pool2d(x, SMALL)), REDUCE)

    def export(self, path):
        graph = Graph("ocelli-lowlight")
        one = graph.const("one", np.ones(1, np.float32))
        y = graph.node("AveragePool", ["input"], "small", kernel_shape=[SMALL] * 2, strides=[SMALL] * 2)
        y = graph.node("Sqrt", [graph.node("Relu", [y], "light")], "spread")
        for i, conv in enumerate(self.convs):
            y = graph.node("Relu", [graph.conv(y, conv, f"conv{i + 1}")], f"act{i + 1}")
        y = graph.node("Sigmoid", [graph.conv(y, self.last, "last")], "amount")
        for i in range(SMOOTHINGS):
            y = graph.node("AveragePool", [y], f"smooth{i + 1}", kernel_shape=[5, 5], pads=[2] * 4)
        scales = graph.const("scales", np.array([1, 1, REDUCE, REDUCE], np.float32))
        y = graph.node("Resize", [y, "", scales], "map", mode="linear",
                       coordinate_transformation_mode="half_pixel")
        most = graph.const("most", np.array([math.log(MOST_GAIN)], np.float32))
        gain = graph.node("Exp", [graph.node("Mul", [y, most], "log_gain")], "gain")

        def fourth(x, name):
            square = graph.node("Mul", [x, x], f"{name}2")
            return graph.node("Mul", [square, square], f"{name}4")

        bend = graph.node("Sub", [fourth(gain, "gain"), one], "bend")
        bend = graph.node("Mul", [bend, fourth("input", "input")], "bent")
        bend = graph.node("Sqrt", [graph.node("Add", [bend, one], "below")], "root")
        over = graph.node("Mul", [gain, "input"], "over")
        graph.node("Div", [over, graph.node("Sqrt", [bend], "roots")], "output")
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


def reduced_photos(data):
    """Training pictures in eight bits, reduced by SMALL from each of SCALES."""
    found = []
    for photo in training_photos(data):
        for scale in SCALES:
            small = F.interpolate(photo[None], scale_factor=scale / SMALL, mode="area")[0]
            if min(small.shape[1:]) <= PATCH // 2:
                continue
            if min(small.shape[1:]) < PATCH:
                # A mirror beside what is too small.
                room = [max(0, PATCH - side) for side in small.shape[1:]]
                small = F.pad(small[None], (0, room[1], 0, room[0]), mode="reflect")[0]
            found.append((small * 255).round().byte())
    return found


def batch(photos, generator):
    clean = patches(photos, BATCH, PATCH, generator)
    stops = MOST_STOPS * torch.rand(BATCH, 1, 1, 1, generator=generator)
    # Light that falls off to a side by up to two stops, in a half of them.
    fall = torch.randn(BATCH, 1, 2, 2, generator=generator)
    fall[::2] = 0
    fall = F.interpolate(fall, size=(PATCH, PATCH), mode="bilinear", align_corners=True)
    grain = 0.3 * torch.rand(BATCH, 1, 1, 1, generator=generator)
    return darken(clean, (stops + fall * (stops / MOST_STOPS)).clamp(min=0), grain, generator), clean


def loss(output, wanted, progress):
    """Difference as it is, and of colours and light averaged over blocks."""
    means = [F.avg_pool2d(x, 16) for x in (output, wanted)]
    return (output - wanted).square().mean() + (means[0] - means[1]).square().mean()


class Reduced(nn.Module):
    """The network on pictures that are reduced by SMALL already."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model.curve(x, self.model.amount(x), REDUCE // SMALL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    name = "ocelli-lowlight"
    args = options(parser, ROOT / "models" / name, Path("target/training") / name, 3000, 2e-3,
                   0.0).parse_args()
    generator = together(args)
    model = Brightener()
    photos = reduced_photos(args.data)
    probe = list(held_out(args.data, 3))
    fit(Reduced(model), lambda: batch(photos, generator), loss, args,
        lambda m: measure(m.model, probe)[0])

    if rank() == 0:
        write(model, args)


def write(model, args):
    """Writes the package and measures the file under ONNX Runtime."""
    path = args.out / "model.onnx"
    model.export(path)
    session = verify(path, model, [(1, 3, 64, 96), (2, 3, 32, 64)])
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
halo = 768

[quality]
{quality}
"""

if __name__ == "__main__":
    main()
