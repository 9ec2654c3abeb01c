"""Trains ocelli-sr-x2, -x3, -x4: luma, nine convolutions over a bicubic skip."""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

from common import HELD_OUT, ROOT, Graph, load, psnr, training_photos, turn, verify, write_toml
from fit import fit, options, rank, together

CHANNELS, CONVS = 32, 9
PATCH, BATCH = {2: 40, 3: 32, 4: 28}, {2: 16, 3: 16, 4: 16}
# Sizes at which the pictures are used.
SIZES = {2: (1.0, 0.9, 0.8, 0.7, 0.6), 3: (1.0, 0.8, 0.6), 4: (1.0, 0.8, 0.6)}


class Upscaler(nn.Module):
    def __init__(self, scale, channels=CHANNELS, convs=CONVS):
        super().__init__()
        self.scale = scale
        widths = [1] + [channels] * (convs - 1) + [scale * scale]
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        self.acts = nn.ModuleList(nn.PReLU(channels, 0.1) for _ in range(convs - 1))
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, 0.1)
            nn.init.zeros_(conv.bias)
        self.convs[-1].weight.data.mul_(0.01)

    def forward(self, x):
        y = x
        for conv, act in zip(self.convs, self.acts):
            y = act(conv(y))
        y = F.pixel_shuffle(self.convs[-1](y), self.scale).float()
        return y + F.interpolate(
            x, scale_factor=self.scale, mode="bicubic", align_corners=False)

    def begin_from(self, path):
        """Takes the weights of a model file of this family; the last layer only if it fits."""
        held = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy())
                for w in onnx.load(path).graph.initializer}
        for i, conv in enumerate(self.convs, 1):
            if held[f"conv{i}.weight"].shape == conv.weight.shape:
                conv.weight.data = held[f"conv{i}.weight"]
                conv.bias.data = held[f"conv{i}.bias"]
        for i, act in enumerate(self.acts, 1):
            act.weight.data = held[f"act{i}.slope"].flatten()

    def export(self, path):
        graph = Graph(f"ocelli-sr-x{self.scale}")
        scales = graph.const("scales", np.array([1, 1, self.scale, self.scale], np.float32))
        skip = graph.node("Resize", ["input", "", scales], "skip", mode="cubic", cubic_coeff_a=-0.75,
                          coordinate_transformation_mode="half_pixel")
        y = "input"
        for i, act in enumerate(self.acts):
            y = graph.prelu(graph.conv(y, self.convs[i], f"conv{i + 1}"), act, f"act{i + 1}")
        y = graph.conv(y, self.convs[-1], f"conv{len(self.convs)}")
        y = graph.node("DepthToSpace", [y], "detail", blocksize=self.scale, mode="CRD")
        graph.node("Add", [y, skip], "output")
        graph.save(path, ["batch", 1, "height", "width"],
                   ["batch", 1, f"height_x{self.scale}", f"width_x{self.scale}"])


def luma(rgb):
    """Y of BT.601 in studio swing over 255, as `color = "y"` of a package has it."""
    r, g, b = rgb.unbind(-3)
    return ((16 + 65.481 * r + 128.553 * g + 24.966 * b) / 255).unsqueeze(-3)


def eight_bits(x):
    return (x.clamp(0, 1) * 255).round() / 255


def shrink(rgb, factor=None, size=None):
    """Antialiased bicubic reduction, eight bits, as MATLAB's imresize."""
    return eight_bits(F.interpolate(
        rgb[None], scale_factor=factor, size=size, mode="bicubic", antialias=True)[0])


def pair(rgb, scale):
    """(small Y, Y) of a picture whose sides are cut to multiples of the scale."""
    height, width = (n // scale * scale for n in rgb.shape[1:])
    rgb = rgb[:, :height, :width]
    return luma(shrink(rgb, size=(height // scale, width // scale))), luma(rgb)


def pairs(data, scale):
    found = []
    for index, photo in enumerate(training_photos(data)):
        for round_, factor in enumerate(SIZES[scale]):
            big = photo if factor == 1 else shrink(photo, factor=factor)
            # Another phase of the grid of small pixels for each size.
            offset = (index + round_) % scale
            found.append(pair(big[:, offset:, offset:], scale))
    return found


def batches(found, scale, generator):
    patch, batch = PATCH[scale], BATCH[scale]
    areas = torch.tensor([float(small.numel()) for small, _ in found])
    while True:
        smalls, bigs = [], []
        for index in torch.multinomial(areas, batch, replacement=True, generator=generator):
            small, big = found[index]
            top = int(torch.randint(small.shape[1] - patch + 1, (1,), generator=generator))
            left = int(torch.randint(small.shape[2] - patch + 1, (1,), generator=generator))
            k = int(torch.randint(8, (1,), generator=generator))
            smalls.append(turn(small[:, top:top + patch, left:left + patch], k))
            bigs.append(turn(big[:, scale * top:scale * (top + patch),
                                 scale * left:scale * (left + patch)], k))
        yield torch.stack(smalls), torch.stack(bigs)


def enlarge(small, scale):
    """Keys' bicubic interpolation with a = -0.5, the baseline of papers."""
    size = [n * scale for n in small.shape[-2:]]
    return F.interpolate(small, size=size, mode="bicubic", antialias=True)


def measure(run, paths, scale):
    """(ours, bicubic): Y-PSNR for each picture as papers give it, `scale` pixels shaved."""
    ours, bicubic = [], []
    for path in paths:
        small, big = pair(load(path), scale)
        for list_, picture in ((ours, run(small[None])), (bicubic, enlarge(small[None], scale))):
            error = [x[..., scale:-scale, scale:-scale] for x in (picture[0].clamp(0, 1), big)]
            list_.append(psnr(*error))
    return ours, bicubic


def mean(values):
    return sum(values) / len(values)


def loss(output, wanted, progress):
    error = output - wanted
    return error.abs().mean() if progress < 0.6 else 10 * error.square().mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, choices=(2, 3, 4), default=2)
    parser.add_argument("--begin", type=Path, help="model.onnx whose weights to begin from")
    args = options(parser, None, None, 12000).parse_args()
    name = f"ocelli-sr-x{args.scale}"
    args.out = args.out or ROOT / "models" / name
    args.work = args.work or Path("target/training") / name
    generator = together(args)
    model = Upscaler(args.scale)
    if args.begin:
        model.begin_from(args.begin)
    held_out = [args.data / "kodak24" / f"{n}.png" for n in sorted(HELD_OUT)]
    source = batches(pairs(args.data, args.scale), args.scale, generator)
    fit(model, lambda: next(source), loss, args,
        lambda m: mean(measure(m, held_out, args.scale)[0]))

    if rank() == 0:
        write(model, args)


def write(model, args):
    """Writes the package and measures the file under ONNX Runtime."""
    held_out = [args.data / "kodak24" / f"{n}.png" for n in sorted(HELD_OUT)]
    set5 = sorted((args.data / "set5").glob("*_GT.bmp"))
    path = args.out / "model.onnx"
    model.export(path)
    session = verify(path, model, [(1, 1, 32, 48), (2, 1, 57, 41)], 1e-5)

    def run(x):
        return torch.from_numpy(session.run(None, {"input": x.numpy()})[0])

    results = {}
    for title, paths in (("Set5", set5), ("Kodak held out", held_out)):
        ours, bicubic = measure(run, paths, args.scale)
        results[title] = mean(ours)
        print(f"{title} x{args.scale} Y-PSNR: {mean(ours):.3f} dB, bicubic {mean(bicubic):.3f} dB",
              [round(v, 2) for v in ours])
    write_toml(args.out, TOML.format(scale=args.scale, set5=results["Set5"],
                                     kodak=results["Kodak held out"]))


TOML = """\
name = "ocelli-sr-x{scale}"
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
scale = {scale}
range = [0.0, 1.0]

[quality]
"Set5 x{scale} Y-PSNR dB" = {set5:.2f}
"Kodak (4 held out) x{scale} Y-PSNR dB" = {kodak:.2f}
"""

if __name__ == "__main__":
    main()
