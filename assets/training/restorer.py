"""The network of ocelli-denoise-sigma, ocelli-denoise and ocelli-jpeg: a small U-Net.

Three planes are packed to twelve at half the size; two levels below work at a quarter and an
eighth; what comes out is added to the input. One set of weights does all three jobs: what it is to
do shifts the channels where each level begins. For noise of a known level the shift is a bent line
over the level, which stays an input of the file; for the other jobs it is constant and becomes part
of the biases.
"""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from common import Graph, turn

CHANNELS = (64, 96, 128)
MULTIPLE = 8
JOBS = ("ocelli-denoise-sigma", "ocelli-denoise", "ocelli-jpeg")
# Places where the line over the level bends, evenly from 0 to this level.
BENDS, LAST_BEND = 16, 0.25
STEEPNESS = 8.0


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
        # Shifts at head, down1 and down2: by the bends, and one row for each job but the first.
        self.told = nn.ParameterList([torch.zeros(BENDS, c) for c in CHANNELS])
        self.jobs = nn.ParameterList([torch.zeros(len(JOBS) - 1, c) for c in CHANNELS])
        at = torch.arange(BENDS) * (LAST_BEND / BENDS)
        self.register_buffer("bends", -STEEPNESS * at)

    def shift(self, y, place, job):
        told = F.relu(STEEPNESS * job[:, :1] + self.bends) * (job[:, 1:].sum(1, keepdim=True) == 0)
        shift = told @ self.told[place] + job[:, 1:] @ self.jobs[place]
        return F.relu(y + shift[:, :, None, None].to(y.dtype))

    def forward(self, x, job):
        """`job` is Nx3: the noise level in 0..1 or 0, then 1 for unknown noise, then 1 for JPEG."""
        # Channels in the order of ONNX's SpaceToDepth: block position first, colour last.
        n, c, h, w = x.shape
        y = x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4)
        y = y.reshape(n, 4 * c, h // 2, w // 2).contiguous(memory_format=torch.channels_last)
        one = self.in1(self.shift(self.head(y), 0, job))
        two = self.in2(self.shift(self.down1(one), 1, job))
        three = self.mid2(self.mid1(self.shift(self.down2(two), 2, job)))
        two = self.out2(two + F.pixel_shuffle(self.up2(three), 2))
        one = self.out1(one + F.pixel_shuffle(self.up1(two), 2))
        return x + F.pixel_shuffle(self.tail(one), 2).float()

    def export(self, path, name):
        """Writes the file for one of JOBS."""
        graph = Graph(name)
        job = JOBS.index(name)
        if job == 0:
            slope = graph.const("steepness", np.full((1, BENDS, 1, 1), STEEPNESS, np.float32))
            bends = graph.const("bends", self.bends.numpy().reshape(1, -1, 1, 1))
            line = graph.node("Mul", ["sigma", slope], "level")
            line = graph.node("Relu", [graph.node("Add", [line, bends], "beyond")], "bent")

        def begin(x, layer, place, name):
            layer = copy.deepcopy(layer)
            if job > 0:
                layer.bias.data += self.jobs[place].detach()[job - 1]
            y = graph.conv(x, layer, name)
            if job == 0:
                weight = self.told[place].detach().numpy().T.reshape(-1, BENDS, 1, 1)
                weight = graph.const(f"{name}.told", weight)
                shift = graph.node("Conv", [line, weight], f"{name}.shift", kernel_shape=[1, 1])
                y = graph.node("Add", [y, shift], f"{name}.shifted")
            return graph.node("Relu", [y], f"{name}.act")

        y = graph.node("SpaceToDepth", ["input"], "packed", blocksize=2)
        one = self.in1.export(graph, begin(y, self.head, 0, "head"), "in1")
        two = self.in2.export(graph, begin(one, self.down1, 1, "down1"), "in2")
        y = begin(two, self.down2, 2, "down2")
        y = self.mid2.export(graph, self.mid1.export(graph, y, "mid1"), "mid2")
        y = graph.node("DepthToSpace", [graph.conv(y, self.up2, "up2")], "up2.wide", blocksize=2, mode="CRD")
        y = self.out2.export(graph, graph.node("Add", [y, two], "up2.sum"), "out2")
        y = graph.node("DepthToSpace", [graph.conv(y, self.up1, "up1")], "up1.wide", blocksize=2, mode="CRD")
        y = self.out1.export(graph, graph.node("Add", [y, one], "up1.sum"), "out1")
        y = graph.conv(y, self.tail, "tail")
        y = graph.node("DepthToSpace", [y], "residual", blocksize=2, mode="CRD")
        graph.node("Add", ["input", y], "output")
        shape = ["batch", 3, "height", "width"]
        more = {"sigma": [1, 1, 1, 1]} if job == 0 else {}
        graph.save(path, shape, shape, more)


def patches(photos, count, size, generator):
    """`count` random squares of the pictures, turned and flipped; larger pictures come oftener."""
    areas = torch.tensor([float(p.shape[1] * p.shape[2]) for p in photos])
    found = []
    for index in torch.multinomial(areas, count, replacement=True, generator=generator).tolist():
        photo = photos[index]
        top = int(torch.randint(photo.shape[1] - size + 1, (1,), generator=generator))
        left = int(torch.randint(photo.shape[2] - size + 1, (1,), generator=generator))
        k = int(torch.randint(8, (1,), generator=generator))
        found.append(turn(photo[:, top:top + size, left:left + size], k))
    return torch.stack(found).float() / 255
