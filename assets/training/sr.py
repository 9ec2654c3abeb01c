"""Trains ocelli-sr-x2, -x3, -x4, and with --fine ocelli-sr-fine-x2, -x4: luma over a bicubic skip."""

import argparse
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from common import HELD_OUT, ROOT, load, psnr, training_photos, turn, verify, write_toml
from fit import fit, options, rank, together, world
from upscaler import Fine, Upscaler

PATCH, BATCH = {2: 40, 3: 32, 4: 28}, 16
# Small pixels beside a patch that its reduction sees.
MARGIN = 4
TEXTURES = ["brick.png", "camera.png", "cell.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "moon.png"]


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


def textures(data):
    """Photographs of scikit-image that only recipes of detail need, as three equal planes or in colour."""
    return [load(data / "skimage" / name) for name in TEXTURES]


def sample(photo, scale, patch, generator):
    """(small, big) luma of a random part of a picture, at a random size, tone and mixture of colours."""
    def draw(low, high):
        return low + (high - low) * float(torch.rand((), generator=generator))

    size, margin = scale * patch, scale * MARGIN
    least = (size + 2 * margin) / min(photo.shape[1:])
    factor = 1.0 if draw(0, 1) < 0.3 else draw(max(0.45, least), 1)
    side = min(math.ceil((size + 2 * margin) / factor), *photo.shape[1:])
    top, left = (int(draw(0, n - side + 1)) for n in photo.shape[1:])
    rgb = photo[:, top:top + side, left:left + side]
    if draw(0, 1) < 0.3:
        rgb = rgb ** math.exp(draw(-0.5, 0.5))
    big = eight_bits(shrink(rgb, size=[size + 2 * margin] * 2))
    small = shrink(big, size=[patch + 2 * MARGIN] * 2)
    # Mixtures of the colours other than luma are pictures of their own.
    mix = torch.tensor([0.299, 0.587, 0.114])
    if draw(0, 1) < 0.5:
        mix = -torch.log(torch.rand(3, generator=generator) + 1e-6)
        mix = mix / mix.sum()
    k = int(draw(0, 8))

    def part(x, edge):
        y = (16 + 219 * torch.tensordot(mix, x, 1)[None]) / 255
        return turn(y[:, edge:-edge, edge:-edge], k)

    return part(small, MARGIN), part(big, margin)


def batches(photos, scale, generator):
    count = max(1, BATCH // world())
    areas = torch.tensor([float(p.shape[1] * p.shape[2]) for p in photos])
    while True:
        chosen = torch.multinomial(areas, count, replacement=True, generator=generator)
        found = [sample(photos[i], scale, PATCH[scale], generator) for i in chosen]
        yield tuple(torch.stack(x) for x in zip(*found))


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
    # Squared errors at the end, as the other recipes have, lost 0.02 to 0.05 dB on pictures that were kept out.
    return (output - wanted).abs().mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, choices=(2, 3, 4), default=2)
    parser.add_argument("--fine", action="store_true", help="the larger network")
    parser.add_argument("--begin", type=Path, help="model.onnx whose weights to begin from")
    args = options(parser, None, None, 12000).parse_args()
    name = f"ocelli-sr-{'fine-' if args.fine else ''}x{args.scale}"
    args.out = args.out or ROOT / "models" / name
    args.work = args.work or Path("target/training") / name
    generator = together(args)
    model = (Fine if args.fine else Upscaler)(name, args.scale)
    if args.begin:
        model.begin_from(args.begin)
    held_out = [args.data / "kodak24" / f"{n}.png" for n in sorted(HELD_OUT)]
    source = batches(training_photos(args.data) + textures(args.data), args.scale, generator)
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
    write_toml(args.out, TOML.format(name=model.name, scale=args.scale, set5=results["Set5"],
                                     kodak=results["Kodak held out"]))


TOML = """\
name = "{name}"
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
