"""Trains ocelli-denoise-sigma (told the level), ocelli-denoise (blind) and ocelli-jpeg, at once."""

import argparse
import io
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from common import HELD_OUT, ROOT, load, luma, psnr, training_photos, verify, write_toml
from fit import fit, options, rank, together
from restorer import JOBS, MULTIPLE, Restorer, patches

PATCH = 96
# Patches of a batch for each of JOBS.
SHARE = (18, 6, 0)
# Sizes at which pictures are seen.
SCALES = (1, 0.75, 0.5)
# Strongest grain that is to stay where less noise is stated than there is.
GRAIN = 40 / 255
STRONGEST = 75 / 255
QUALITIES = (10, 60)
# What a JPEG's error counts as, in the weights of the loss.
JPEG_LEVEL = 0.03


def eight_bits(x):
    return (x.clamp(0, 1) * 255).round() / 255


def jpeg(x, quality, subsampling):
    """A 3xHxW picture through Pillow's encoder; subsampling 0 is 4:4:4, 2 is 4:2:0."""
    pixels = (x.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=subsampling)
    back = np.asarray(Image.open(file).convert("RGB"), dtype=np.float32) / 255
    return torch.from_numpy(back).permute(2, 0, 1).contiguous()


def training_set(data):
    """Pictures in eight bits, at every one of SCALES."""
    found = []
    for photo in training_photos(data):
        for scale in SCALES:
            small = photo if scale == 1 else F.interpolate(
                photo[None], scale_factor=scale, mode="bicubic", antialias=True)[0]
            found.append((small.clamp(0, 1) * 255).round().byte())
    return found


def recolour(x, generator):
    """Half as they are; others with colours exchanged, less contrast and another brightness."""
    for one in x[::2]:
        order = torch.randperm(3, generator=generator)
        gain, place = torch.rand(2, 3, 1, 1, generator=generator).unbind(0)
        gain = 0.5 + 0.5 * gain
        one.copy_(one[order] * gain + place * (1 - gain))
    return x


def jpeg_patches(photos, count, generator):
    """(compressed, clean); a quarter with the blocks at another place than the corner."""
    clean = patches(photos, count, PATCH + 8, generator)
    compressed, kept = [], []
    for x in clean:
        low, high = QUALITIES
        quality = int(torch.randint(low, high + 1, (1,), generator=generator))
        at, top, left, half = torch.randint(64, (4,), generator=generator).tolist()
        top, left = (top % 8, left % 8) if at < 16 else (0, 0)
        place = (slice(None), slice(top, top + PATCH), slice(left, left + PATCH))
        compressed.append(jpeg(x, quality, 2 if half < 40 else 0)[place])
        kept.append(x[place])
    return torch.stack(compressed), torch.stack(kept)


def noise_patches(photos, told, blind, generator):
    """(noisy, wanted, level, weight).

    Of an eighth of those that are told the level, other noise is to stay: what is stated says how
    much is to go, not how much there is.
    """
    count = told + blind
    clean = recolour(patches(photos, count, PATCH, generator), generator)
    sigma = STRONGEST * torch.rand(count, 1, 1, 1, generator=generator) ** 1.4
    weight = torch.ones(count, 1, 1, 1)
    stay = torch.rand(told, generator=generator) < 0.125
    grain = GRAIN * torch.rand(told, 1, 1, 1, generator=generator)
    grain = grain * torch.randn(clean[:told].shape, generator=generator)
    clean[:told][stay] += grain[stay]
    weight[:told][stay] = 0.15
    noisy = clean + sigma * torch.randn(clean.shape, generator=generator)
    # A third of those told and most of the others as a file of eight bits has it.
    file = torch.rand(count, generator=generator) < torch.tensor([0.35] * told + [0.75] * blind)
    file[:told] &= ~stay
    noisy[file] = eight_bits(noisy[file])
    return noisy, clean, sigma, weight


def batch(photos, share, generator):
    """((spoiled, job), (wanted, level, weight)), of each of JOBS as many as `share` says."""
    told, blind, blocks = share
    noise = told + blind
    job = torch.zeros(sum(share), len(JOBS))
    parts = []
    if noise:
        parts.append(noise_patches(photos, told, blind, generator))
        job[:told, 0] = parts[0][2][:told].flatten()
        job[told:noise, 1] = 1
    if blocks:
        compressed, whole = jpeg_patches(photos, blocks, generator)
        level = torch.full((blocks, 1, 1, 1), JPEG_LEVEL)
        parts.append((compressed, whole, level, torch.ones_like(level)))
        job[noise:, 2] = 1
    spoiled, wanted, level, weight = (torch.cat(column) for column in zip(*parts))
    return (spoiled, job), (wanted, level, weight)


def loss(output, wanted, progress):
    """Weighted so that every level counts about alike."""
    clean, level, weight = wanted
    error = output - clean
    if progress < 0.5:
        return (error.abs() * (weight / (level + 0.02).sqrt())).mean()
    return (error.square() * (weight / (level + 0.02))).mean() * 10


def held_out(data):
    return [load(data / "kodak24" / f"{name}.png") for name in sorted(HELD_OUT)]


def noisy_pairs(data, sigma, clip):
    """(clean, noisy) of the pictures kept out of training; sigma in steps of 255."""
    generator = torch.Generator().manual_seed(7)
    for clean in held_out(data):
        noisy = clean + sigma / 255 * torch.randn(clean.shape, generator=generator)
        yield clean, eight_bits(noisy) if clip else noisy


def mean_psnr(run, pictures):
    scores = [psnr(run(spoiled[None])[0].clamp(0, 1), clean) for clean, spoiled in pictures]
    return sum(scores) / len(scores)


def as_is(x):
    return x


def score(name, session, data):
    """Lines of [quality] for one of JOBS."""
    lines = []

    def run(x, sigma):
        feed = {"input": x.numpy()}
        if name == JOBS[0]:
            feed["sigma"] = np.full((1, 1, 1, 1), sigma / 255, np.float32)
        return torch.from_numpy(session.run(None, feed)[0])

    if name != "ocelli-jpeg":
        # The one that is told is measured as FFDNet is, the blind one on files.
        clip = name == JOBS[1]
        for sigma in (15, 25, 50):
            pictures = list(noisy_pairs(data, sigma, clip))
            got = mean_psnr(lambda x: run(x, sigma), pictures)
            print(f"{name}: Kodak held out, sigma {sigma}{', eight bits' if clip else ''}: "
                  f"{got:.2f} dB, noisy {mean_psnr(as_is, pictures):.2f} dB", flush=True)
            lines.append(f'"Kodak (4 held out) sigma {sigma} PSNR dB" = {got:.2f}')
        return lines
    for quality in (10, 20, 40):
        for subsampling, how in ((2, "4:2:0"), (0, "4:4:4")):
            triples = []
            for clean in held_out(data):
                spoiled = jpeg(clean, quality, subsampling)
                triples.append((clean, spoiled, run(spoiled[None], 0)[0].clamp(0, 1)))
            rgb, before = (sum(psnr(t[i], t[0]) for t in triples) / len(triples) for i in (2, 1))
            y, y_before = (sum(psnr(luma(t[i]), luma(t[0])) for t in triples) / len(triples)
                           for i in (2, 1))
            print(f"{name}: Kodak held out, quality {quality} {how}: {rgb:.2f} dB, "
                  f"gain {rgb - before:.2f} dB; luma {y:.2f} dB, gain {y - y_before:.2f} dB",
                  flush=True)
            if subsampling == 2:
                lines.append(f'"Kodak (4 held out) quality {quality} PSNR dB" = {rgb:.2f}')
                lines.append(f'"Kodak (4 held out) quality {quality} gain dB" = {rgb - before:.2f}')
    return lines


class OneJob(torch.nn.Module):
    """The network as one file has it, to compare with."""

    def __init__(self, model, name):
        super().__init__()
        self.model, self.name = model, name

    def forward(self, x, level=None):
        job = torch.zeros(len(x), len(JOBS))
        job[:, JOBS.index(self.name)] = 1 if level is None else level.item()
        return self.model(x, job)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=int, nargs=3, default=SHARE,
                        help="patches of a batch for each job; some of noise, some of JPEG")
    parser.add_argument("--begin", type=Path, help="checkpoint of another run to begin from")
    args = options(parser, ROOT / "models", Path("target/training/restore"), 16000, 2e-3,
                   1.0).parse_args()
    generator = together(args)
    model = Restorer()
    if args.begin:
        model.load_state_dict(torch.load(args.begin)["average"])
    photos = training_set(args.data)
    middle = (slice(None), slice(128, -128), slice(128, -128))
    probe = [(a[middle], b[middle]) for a, b in noisy_pairs(args.data, 25, clip=False)]
    told = OneJob(model, JOBS[0])
    level = torch.tensor(25 / 255)
    fit(model, lambda: batch(photos, args.share, generator), loss, args,
        lambda m: mean_psnr(lambda x: told(x, level), probe))

    if rank() == 0:
        write(model, args)


def write(model, args):
    """Writes a package for each job that had patches and measures the files under ONNX Runtime."""
    for name, count in zip(JOBS, args.share):
        if count == 0:
            continue
        folder = args.out / name
        model.export(folder / "model.onnx", name)
        leveled = name == JOBS[0]
        session = verify(folder / "model.onnx", OneJob(model, name),
                         [(1, 3, 32, 48), (2, 3, 56, 40)], more=["sigma"] if leveled else [])
        write_toml(folder, TOML.format(name=name, multiple=MULTIPLE, noise=NOISE if leveled else "",
                                       quality="\n".join(score(name, session, args.data))))


NOISE = """
[input.noise]
name = "sigma"
range = [0.0, 75.0]
default = 25.0
"""

TOML = """\
name = "{name}"
task = "denoise"
file = "model.onnx"
licence = "MIT OR Apache-2.0"
source = "trained by assets/training/restore.py"
sha256 = "@SHA256@"

[input]
layout = "nchw"
color = "rgb"
range = [0.0, 1.0]
mean = [0.0]
std = [1.0]
size = "multiple"
multiple_of = {multiple}
{noise}
[output]
range = [0.0, 1.0]
halo = 72

[quality]
{quality}
"""

if __name__ == "__main__":
    main()
