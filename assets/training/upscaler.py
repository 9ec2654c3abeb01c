"""The networks of ocelli-sr-x2, -x3, -x4 and of ocelli-sr-fine-x2, -x4.

Both see luma at the size of the small picture, and add what they find to its bicubic enlargement
after one pixel shuffle.
"""

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

from common import Graph

CHANNELS, CONVS = 32, 9
FINE_CHANNELS, FINE_BLOCKS = 64, 6


class Skip(nn.Module):
    """What both share: the bicubic skip, the file, weights to begin from."""

    def __init__(self, name, scale):
        super().__init__()
        self.name, self.scale = name, scale

    def begin_alike(self):
        for conv in self.modules():
            if isinstance(conv, nn.Conv2d):
                nn.init.kaiming_normal_(conv.weight, 0.1)
                nn.init.zeros_(conv.bias)

    def forward(self, x):
        y = F.pixel_shuffle(self.detail(x), self.scale).float()
        return y + F.interpolate(
            x, scale_factor=self.scale, mode="bicubic", align_corners=False)

    def begin_from(self, path):
        """Takes the weights of a model file of the same network; the last layer only if it fits."""
        held = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy())
                for w in onnx.load(path).graph.initializer}
        for name, weight in self.named_parameters():
            given = held[name]
            if name.endswith("slope"):
                given = given.flatten()
            if given.shape == weight.shape:
                weight.data = given

    def export(self, path):
        graph = Graph(self.name)
        scales = graph.const("scales", np.array([1, 1, self.scale, self.scale], np.float32))
        skip = graph.node("Resize", ["input", "", scales], "skip", mode="cubic", cubic_coeff_a=-0.75,
                          coordinate_transformation_mode="half_pixel")
        y = self.write(graph)
        y = graph.node("DepthToSpace", [y], "detail", blocksize=self.scale, mode="CRD")
        graph.node("Add", [y, skip], "output")
        graph.save(path, ["batch", 1, "height", "width"],
                   ["batch", 1, f"height_x{self.scale}", f"width_x{self.scale}"])


class Upscaler(Skip):
    """Nine convolutions with PReLU between them."""

    def __init__(self, name, scale):
        super().__init__(name, scale)
        widths = [1] + [CHANNELS] * (CONVS - 1) + [scale * scale]
        for i, (a, b) in enumerate(zip(widths, widths[1:]), 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, 3, padding=1))
        for i in range(1, CONVS):
            setattr(self, f"act{i}", Slopes(CHANNELS))
        self.begin_alike()
        getattr(self, f"conv{CONVS}").weight.data.mul_(0.01)

    def layers(self):
        for i in range(1, CONVS + 1):
            yield i, getattr(self, f"conv{i}"), getattr(self, f"act{i}", None)

    def detail(self, x):
        for _, conv, act in self.layers():
            x = conv(x) if act is None else act(conv(x))
        return x

    def write(self, graph):
        y = "input"
        for i, conv, act in self.layers():
            y = graph.conv(y, conv, f"conv{i}")
            y = y if act is None else graph.prelu(y, act, f"act{i}")
        return y


class Slopes(nn.Module):
    """PReLU with a slope for each channel."""

    def __init__(self, channels):
        super().__init__()
        self.slope = nn.Parameter(torch.full((channels,), 0.1))

    @property
    def weight(self):
        return self.slope

    def forward(self, x):
        return F.prelu(x, self.slope.to(x.dtype))


class Fine(Skip):
    """Residual blocks without normalization (EDSR, Lim et al. 2017), and one skip around them all."""

    def __init__(self, name, scale):
        super().__init__(name, scale)
        c = FINE_CHANNELS
        self.head = nn.Conv2d(1, c, 3, padding=1)
        for i in range(1, FINE_BLOCKS + 1):
            setattr(self, f"block{i}a", nn.Conv2d(c, c, 3, padding=1))
            setattr(self, f"block{i}b", nn.Conv2d(c, c, 3, padding=1))
        self.tail = nn.Conv2d(c, scale * scale, 3, padding=1)
        self.begin_alike()
        for i, _, last in self.blocks():
            last.weight.data.mul_(0.2)
        self.tail.weight.data.mul_(0.01)

    def blocks(self):
        for i in range(1, FINE_BLOCKS + 1):
            yield i, getattr(self, f"block{i}a"), getattr(self, f"block{i}b")

    def detail(self, x):
        first = y = self.head(x)
        for _, a, b in self.blocks():
            y = y + b(F.relu(a(y)))
        return self.tail(y + first)

    def write(self, graph):
        first = y = graph.conv("input", self.head, "head")
        for i, a, b in self.blocks():
            z = graph.node("Relu", [graph.conv(y, a, f"block{i}a")], f"block{i}")
            y = graph.node("Add", [graph.conv(z, b, f"block{i}b"), y], f"block{i}.sum")
        y = graph.node("Add", [y, first], "sum")
        return graph.conv(y, self.tail, "tail")
