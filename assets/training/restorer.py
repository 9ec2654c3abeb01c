"""The network of ocelli-denoise, ocelli-denoise-sigma and ocelli-jpeg: a small U-Net.

Three planes are packed to twelve at half the size; two levels below work at a quarter and an
eighth; what comes out is added to the input. One set of weights does all three jobs: what it is to
do shifts the channels of the first convolution, as constant planes beside the picture would. For
noise of a known level the shift is proportional to the level and stays an input of the file; for
the other jobs it is constant and becomes part of the bias.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from common import Graph, turn

CHANNELS = (32, 64, 96)
MULTIPLE = 8
JOBS = ("ocelli-denoise-sigma", "ocelli-denoise", "ocelli-jpeg")


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a = nn.Conv2d(channels, channels, 3, padding=1)
        self.b = nn.Conv2d(channels, channels, 3, padding=1)
        self.b.weight.data.mul_(0.2)

    def forward(self, x):
        return x + self.b(F.relu(self.a(x)))

    def export(self, graph, x, name):
        y = graph.node("Relu", [graph.conv(x, self.a, f"{name}.a")], f"{name}.act")
        return graph.node("Add", [graph.conv(y, self.b, f"{name}.b"), x], f"{name}.sum")


class Restorer(nn.Module):
    def __init__(self):
        super().__init__()
        c1, c2, c3 = CHANNELS
        self.head = nn.Conv2d(12, c1, 3, padding=1)
        self.shifts = nn.Parameter(torch.zeros(len(JOBS), c1))
        self.in1 = Block(c1)
        self.down1 = nn.Conv2d(c1, c2, 2, stride=2)
        self.in2 = Block(c2)
        self.down2 = nn.Conv2d(c2, c3, 2, stride=2)
        self.mid1, self.mid2 = Block(c3), Block(c3)
        self.up2 = nn.Conv2d(c3, 4 * c2, 1)
        self.out2 = Block(c2)
        self.up1 = nn.Conv2d(c2, 4 * c1, 1)
        self.out1 = Block(c1)
        self.tail = nn.Conv2d(c1, 12, 3, padding=1)
        self.tail.weight.data.mul_(0.05)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.zeros_(layer.bias)

    def forward(self, x, job):
        """`job` is Nx3: the noise level in 0..1 or 0, then 1 for unknown noise, then 1 for JPEG."""
        # Channels in the order of ONNX's SpaceToDepth: block position first, colour last.
        n, c, h, w = x.shape
        y = x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4)
        y = y.reshape(n, 4 * c, h // 2, w // 2).contiguous(memory_format=torch.channels_last)
        y = self.head(y)
        y = y + (job @ self.shifts)[:, :, None, None].to(y.dtype)
        one = self.in1(F.relu(y))
        two = self.in2(F.relu(self.down1(one)))
        three = self.mid2(self.mid1(F.relu(self.down2(two))))
        two = self.out2(two + F.pixel_shuffle(self.up2(three), 2))
        one = self.out1(one + F.pixel_shuffle(self.up1(two), 2))
        return x + F.pixel_shuffle(self.tail(one), 2).float()

    def export(self, path, name):
        """Writes the file for one of JOBS."""
        graph = Graph(name)
        leveled = name == JOBS[0]
        head = copy.deepcopy(self.head)
        if not leveled:
            head.bias.data += self.shifts.detach()[JOBS.index(name)]
        y = graph.node("SpaceToDepth", ["input"], "packed", blocksize=2)
        y = graph.conv(y, head, "head")
        if leveled:
            weight = graph.const("level", self.shifts.detach()[0].numpy().reshape(1, -1, 1, 1))
            y = graph.node("Add", [y, graph.node("Mul", ["sigma", weight], "shift")], "leveled")
        one = self.in1.export(graph, graph.node("Relu", [y], "head.act"), "in1")
        y = graph.node("Relu", [graph.conv(one, self.down1, "down1")], "down1.act")
        two = self.in2.export(graph, y, "in2")
        y = graph.node("Relu", [graph.conv(two, self.down2, "down2")], "down2.act")
        y = self.mid2.export(graph, self.mid1.export(graph, y, "mid1"), "mid2")
        y = graph.node("DepthToSpace", [graph.conv(y, self.up2, "up2")], "up2.wide", blocksize=2, mode="CRD")
        y = self.out2.export(graph, graph.node("Add", [y, two], "up2.sum"), "out2")
        y = graph.node("DepthToSpace", [graph.conv(y, self.up1, "up1")], "up1.wide", blocksize=2, mode="CRD")
        y = self.out1.export(graph, graph.node("Add", [y, one], "up1.sum"), "out1")
        y = graph.conv(y, self.tail, "tail")
        y = graph.node("DepthToSpace", [y], "residual", blocksize=2, mode="CRD")
        graph.node("Add", ["input", y], "output")
        shape = ["batch", 3, "height", "width"]
        more = {"sigma": [1, 1, 1, 1]} if leveled else {}
        graph.save(path, shape, shape, more)


def patches(photos, count, size, generator):
    """`count` random squares of the pictures, turned and flipped."""
    found = []
    for index in torch.randint(len(photos), (count,), generator=generator).tolist():
        photo = photos[index]
        top = int(torch.randint(photo.shape[1] - size + 1, (1,), generator=generator))
        left = int(torch.randint(photo.shape[2] - size + 1, (1,), generator=generator))
        k = int(torch.randint(8, (1,), generator=generator))
        found.append(turn(photo[:, top:top + size, left:left + size], k))
    return torch.stack(found)
