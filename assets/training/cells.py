"""Trains ocelli-cells: red cells, white cells and platelets in blood smears (BCCD).

One anchor-free level at stride 8. The graph decodes its boxes itself: each row of the output is
(cx, cy, w, h) in input pixels, the probability of an object, and one probability per class.
"""

import argparse
import copy
import xml.etree.ElementTree as ElementTree

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from common import Graph, Schedule, parameters, verify, write_toml

LABELS = ["RBC", "WBC", "Platelets"]
HEIGHT, WIDTH, STRIDE, BASE, BATCH, PAD = 256, 320, 8, 48.0, 16, 114 / 255
ROWS, COLUMNS = HEIGHT // STRIDE, WIDTH // STRIDE
CELLS = ROWS * COLUMNS


class Block(nn.Module):
    def __init__(self, a, b, stride=1, kernel=3):
        super().__init__()
        self.conv = nn.Conv2d(a, b, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(b)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))

    def folded(self):
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        conv = nn.utils.skip_init(nn.Conv2d, self.conv.in_channels, self.conv.out_channels,
                                  self.conv.kernel_size, self.conv.stride, self.conv.padding)
        conv.weight.data = (self.conv.weight * scale[:, None, None, None]).detach().contiguous()
        conv.bias.data = (self.norm.bias - self.norm.running_mean * scale).detach()
        return conv


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.down8 = nn.Sequential(Block(3, 16, 2), Block(16, 32, 2), Block(32, 32),
                                   Block(32, 64, 2), Block(64, 64))
        self.down16 = nn.Sequential(Block(64, 80, 2), Block(80, 80), Block(80, 80))
        self.down32 = nn.Sequential(Block(80, 96, 2), Block(96, 96))
        self.side8, self.side16, self.side32 = (Block(c, 64, kernel=1) for c in (64, 80, 96))
        self.head = nn.Sequential(Block(64, 64), Block(64, 64), Block(64, 64))
        self.last = nn.Conv2d(64, 5 + len(LABELS), 1)
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)
        self.last.bias.data[4] = -3.0
        y, x = np.mgrid[:ROWS, :COLUMNS]
        grid = (np.stack([x, y], -1).reshape(1, CELLS, 2) + 0.5) * STRIDE
        self.register_buffer("grid", torch.tensor(grid).float())

    def raw(self, x):
        """Boxes decoded, probabilities still as logits."""
        a = self.down8(x)
        b = self.down16(a)
        c = self.side32(self.down32(b))
        b = self.side16(b) + F.interpolate(c, scale_factor=2, mode="nearest")
        a = self.side8(a) + F.interpolate(b, scale_factor=2, mode="nearest")
        y = self.last(self.head(a)).float().flatten(2).transpose(1, 2)
        return y[..., :2] * STRIDE + self.grid, y[..., 2:4].exp() * BASE, y[..., 4:]

    def forward(self, x):
        centre, size, logits = self.raw(x)
        return torch.cat([centre, size, logits.sigmoid()], -1)

    def export(self, path):
        graph = Graph("ocelli-cells")

        def block(x, block, name):
            return graph.node("Relu", [graph.conv(x, block.folded(), f"{name}.conv")], name)

        def blocks(x, sequence, name):
            for i, layer in enumerate(sequence):
                x = block(x, layer, f"{name}.{i + 1}")
            return x
        scales = graph.const("scales", np.array([1, 1, 2, 2], np.float32))

        def add_up(fine, coarse, name):
            up = graph.node("Resize", [coarse, "", scales], f"{name}.up", mode="nearest",
                            coordinate_transformation_mode="asymmetric", nearest_mode="floor")
            return graph.node("Add", [fine, up], f"{name}.sum")

        a = blocks("input", self.down8, "down8")
        b = blocks(a, self.down16, "down16")
        c = block(blocks(b, self.down32, "down32"), self.side32, "side32")
        b = add_up(block(b, self.side16, "side16"), c, "side16")
        a = add_up(block(a, self.side8, "side8"), b, "side8")
        y = graph.conv(blocks(a, self.head, "head"), self.last, "last")
        shape = graph.const("flat", np.array([0, 5 + len(LABELS), CELLS], np.int64))
        y = graph.node("Reshape", [y, shape], "flattened")
        y = graph.node("Transpose", [y], "rows", perm=[0, 2, 1])
        edges = [graph.const(f"edge{e}", np.array([e], np.int64)) for e in (0, 2, 4, 5 + len(LABELS))]
        axis = graph.const("axis", np.array([2], np.int64))
        parts = [graph.node("Slice", [y, lo, hi, axis], f"{name}.raw")
                 for name, lo, hi in zip(("centre", "size", "scores"), edges, edges[1:])]
        stride = graph.const("stride", np.array(STRIDE, np.float32))
        grid = graph.const("grid", self.grid.numpy())
        base = graph.const("base", np.array(BASE, np.float32))
        centre = graph.node("Mul", [parts[0], stride], "centre.scaled")
        centre = graph.node("Add", [centre, grid], "centre")
        size = graph.node("Exp", [parts[1]], "size.exp")
        size = graph.node("Mul", [size, base], "size")
        scores = graph.node("Sigmoid", [parts[2]], "scores")
        graph.node("Concat", [centre, size, scores], "output", axis=2)
        graph.save(path, ["batch", 3, HEIGHT, WIDTH], ["batch", CELLS, 5 + len(LABELS)])


def read(folder, name):
    """A picture letterboxed to the input, and its boxes (x0, y0, x1, y1, class) on it."""
    picture = Image.open(folder / "images" / f"{name}.jpg").convert("RGB")
    scale = min(WIDTH / picture.width, HEIGHT / picture.height)
    w, h = round(picture.width * scale), round(picture.height * scale)
    left, top = (WIDTH - w) // 2, (HEIGHT - h) // 2
    pixels = np.full((HEIGHT, WIDTH, 3), round(PAD * 255), np.uint8)
    pixels[top:top + h, left:left + w] = picture.resize((w, h), Image.BILINEAR)
    boxes = []
    for item in ElementTree.parse(folder / "annotations" / f"{name}.xml").iter("object"):
        box = [float(item.find(f"bndbox/{k}").text) for k in ("xmin", "ymin", "xmax", "ymax")]
        if box[2] > box[0] and box[3] > box[1]:
            box = [v * scale + s for v, s in zip(box, (left, top, left, top))]
            boxes.append(box + [LABELS.index(item.find("name").text)])
    image = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    return image, torch.tensor(boxes).reshape(-1, 5)


def vary(image, boxes, rng):
    """Mirrors, scales, shifts and tints a picture with its boxes."""
    fx, fy = rng.choice([-1, 1], 2)
    scale = rng.uniform(0.75, 1.3)
    dx, dy = rng.uniform(-0.25, 0.25, 2)
    theta = torch.tensor([[[fx / scale, 0, dx], [0, fy / scale, dy]]], dtype=torch.float32)
    grid = F.affine_grid(theta, (1, 3, HEIGHT, WIDTH), align_corners=False)
    moved = F.grid_sample(image[None] - PAD, grid, align_corners=False)[0] + PAD
    gain = torch.tensor(rng.uniform(0.85, 1.15, (3, 1, 1)) * rng.uniform(0.85, 1.15))
    moved = (((moved - 0.5) * rng.uniform(0.8, 1.2) + 0.5) * gain).clamp(0, 1).float()

    half, flip = torch.tensor([WIDTH / 2, HEIGHT / 2]), torch.tensor([fx, fy]) * scale
    a, b = (((boxes[:, k:k + 2] / half - 1) - torch.tensor([dx, dy])) * flip for k in (0, 2))
    low, high = ((torch.minimum(a, b) + 1) * half, (torch.maximum(a, b) + 1) * half)
    area = (high - low).prod(1)
    low, high = low.clamp(min=0).minimum(2 * half), high.clamp(min=0).minimum(2 * half)
    keep = (high - low).prod(1) > 0.4 * area
    return moved, torch.cat([low, high, boxes[:, 4:]], 1)[keep].float()


def assign(boxes, grid):
    """For each cell the box it answers for, or -1: the nearest centre within 1.5 strides."""
    if len(boxes) == 0:
        return torch.full((CELLS,), -1)
    centre = (boxes[:, :2] + boxes[:, 2:4]) / 2
    distance = (grid[0][:, None] - centre[None]).abs().amax(-1)
    nearest, which = distance.min(1)
    return torch.where(nearest < 1.5 * STRIDE, which, -1)


def giou(centre, size, boxes):
    low, high = centre - size / 2, centre + size / 2
    inter = (torch.minimum(high, boxes[:, 2:4]) - torch.maximum(low, boxes[:, :2])).clamp(0).prod(1)
    union = size.prod(1) + (boxes[:, 2:4] - boxes[:, :2]).prod(1) - inter
    hull = (torch.maximum(high, boxes[:, 2:4]) - torch.minimum(low, boxes[:, :2])).prod(1)
    iou = inter / union
    return iou, iou - (hull - union) / hull


def loss_of(model, images, targets):
    centre, size, logits = model.raw(images)
    cells = torch.stack([assign(t, model.grid) for t in targets])
    image, cell = torch.nonzero(cells >= 0, as_tuple=True)
    wanted = torch.stack([targets[i][cells[i, c]] for i, c in zip(image.tolist(), cell.tolist())])
    iou, score = giou(centre[image, cell], size[image, cell], wanted)
    objects = torch.zeros(cells.shape)
    objects[image, cell] = iou.detach().clamp(0)
    kinds = F.one_hot(wanted[:, 4].long(), len(LABELS)).float()
    found = F.binary_cross_entropy_with_logits(logits[..., 0], objects, reduction="sum")
    # Rare kinds weigh more: there are ten red cells for each of the others.
    weight = torch.tensor([1.0, 4.0, 4.0])[wanted[:, 4].long(), None]
    classes = logits[image, cell, 1:]
    kind = F.binary_cross_entropy_with_logits(classes, kinds, weight, reduction="sum")
    return (2 * (1 - score).sum() + found + 0.5 * kind) / len(image)


def detect(rows, threshold, iou_limit=0.5):
    """Threshold and class-aware suppression: (x0, y0, x1, y1, score, class), best first."""
    scores = rows[:, 4:5] * rows[:, 5:]
    kind, score = scores.argmax(1), scores.max(1)
    order = [i for i in np.argsort(-score, kind="stable") if score[i] >= threshold]
    kept = []
    for i in order:
        x, y, w, h = rows[i, :4]
        box = np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2, score[i], kind[i]])
        if all(k[5] != box[5] or overlap(k, box) <= iou_limit for k in kept):
            kept.append(box)
    return kept


def overlap(a, b):
    w, h = (max(min(a[k + 2], b[k + 2]) - max(a[k], b[k]), 0) for k in (0, 1))
    inter = w * h
    return inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)


def average_precision(found, truth, kind):
    """AP at IoU 0.5, area under the interpolated curve; found: (picture, box) of all pictures."""
    free = {(i, j) for i, boxes in enumerate(truth) for j, b in enumerate(boxes) if b[4] == kind}
    total, hits = len(free), []
    for i, box in sorted((f for f in found if f[1][5] == kind), key=lambda f: -f[1][4]):
        best = max(((overlap(box, b), j) for j, b in enumerate(truth[i]) if b[4] == kind),
                   default=(0, -1))
        hits.append(best[0] >= 0.5 and (i, best[1]) in free)
        free.discard((i, best[1]) if hits[-1] else None)
    hits = np.cumsum(hits)
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((precision * np.diff(hits, prepend=0)).sum() / total)


def measure(run, samples):
    found, truth = [], [boxes.numpy() for _, boxes in samples]
    for i, (image, _) in enumerate(samples):
        found += [(i, box) for box in detect(run(image[None])[0], 0.02)]
    each = [average_precision(found, truth, k) for k in range(len(LABELS))]
    print("AP@0.5", {k: round(v, 3) for k, v in zip(LABELS, each)}, flush=True)
    return sum(each) / len(each)


def main():
    args = parameters(argparse.ArgumentParser(description=__doc__), "ocelli-cells", 3000, 16)
    folder = args.data / "bccd"
    train, val = ([read(folder, n) for n in (folder / f"{s}.txt").read_text().split()]
                  for s in ("train", "val"))
    rng = np.random.default_rng(args.seed)
    model = Detector().to(memory_format=torch.channels_last)
    smooth = copy.deepcopy(model)
    plain = [p for p in model.parameters() if p.ndim == 1]
    heavy = [p for p in model.parameters() if p.ndim > 1]
    groups = [{"params": plain, "weight_decay": 0}, {"params": heavy, "weight_decay": 0.02}]
    optimizer = torch.optim.AdamW(groups)
    schedule = Schedule(optimizer, 2e-3, args.steps, args.minutes)
    while schedule.running():
        picks = [vary(*train[i], rng) for i in rng.choice(len(train), BATCH, replace=False)]
        images = torch.stack([p[0] for p in picks]).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(model.train(), images, [p[1] for p in picks])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        rate = min(0.995, schedule.step / (schedule.step + 20))
        with torch.no_grad():
            for mean, now in zip(smooth.state_dict().values(), model.state_dict().values()):
                mean.lerp_(now, 1 - rate) if mean.is_floating_point() else mean.copy_(now)
        if schedule.step % 250 == 0:
            print(f"step {schedule.step} loss {loss.item():.3f}", flush=True)

    path = args.out / "model.onnx"
    model = smooth.to(memory_format=torch.contiguous_format).eval()
    model.export(path)
    # Boxes are in pixels: 1e-4 of the input's width.
    session = verify(path, model, [(1, 3, HEIGHT, WIDTH), (2, 3, HEIGHT, WIDTH)], 1e-3)
    score = measure(lambda x: session.run(None, {"input": x.numpy()})[0], val)
    print(f"BCCD val mAP@0.5: {score:.3f}")
    write_toml(args.out, TOML.format(score=score))


TOML = """\
name = "ocelli-cells"
task = "detect"
file = "model.onnx"
licence = "MIT OR Apache-2.0"
source = "trained by assets/training/cells.py"
sha256 = "@SHA256@"

[input]
layout = "nchw"
color = "rgb"
range = [0.0, 1.0]
mean = [0.0]
std = [1.0]
size = "fixed"
fit = "letterbox"
pad_value = 114

[detect]
decoder = "yolo-decoded"
score_threshold = 0.4
iou_threshold = 0.5
labels = ["RBC", "WBC", "Platelets"]

[quality]
"BCCD val mAP@0.5" = {score:.3f}
"""

if __name__ == "__main__":
    main()
