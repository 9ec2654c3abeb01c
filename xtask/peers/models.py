"""Writes the models of the comparison with seeded weights, their inputs, and what ONNX Runtime on the CPU computes.

usage: models.py FOLDER [NAME...]        writes FOLDER/NAME.onnx, NAME.in0.npy, NAME.out.npy and NAME.json
"""
import json
import sys
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


SCRIPT = zlib.crc32(Path(__file__).read_bytes())


class Network:
    """An ONNX graph under construction. Feature maps are (name, channels, height, width)."""

    def __init__(self, name):
        self.name = name
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.weights, self.flops = [], [], 0

    def input(self, channels, height, width):
        self.shape = [1, channels, height, width]
        return ("input", channels, height, width)

    def constant(self, values):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, op, inputs, **attributes):
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x, outputs, kernel, stride=1, group=1, activation=None, pad=None, gain=2.0):
        """A convolution whose weights keep the variance of what goes through it."""
        name, channels, height, width = x
        pad = kernel // 2 if pad is None else pad
        each = channels // group
        scale = np.sqrt(gain / (each * kernel * kernel))
        weight = self.random.normal(0, scale, (outputs, each, kernel, kernel)).astype(np.float32)
        bias = self.random.normal(0, 0.02, outputs).astype(np.float32)
        height, width = ((size + 2 * pad - kernel) // stride + 1 for size in (height, width))
        self.flops += 2 * outputs * height * width * each * kernel * kernel
        y = self.node("Conv", [name, self.constant(weight), self.constant(bias)], kernel_shape=[kernel] * 2,
                      strides=[stride] * 2, pads=[pad] * 4, group=group)
        return self.activate((y, outputs, height, width), activation)

    def activate(self, x, kind):
        name, channels, height, width = x
        if kind == "prelu":
            slope = self.random.uniform(0.05, 0.3, (channels, 1, 1)).astype(np.float32)
            name = self.node("PRelu", [name, self.constant(slope)])
        elif kind == "relu6":
            name = self.node("Clip", [name, self.constant(np.float32(0)), self.constant(np.float32(6))])
        elif kind == "leaky":
            name = self.node("LeakyRelu", [name], alpha=0.2)
        elif kind == "silu":
            name = self.node("Mul", [name, self.node("Sigmoid", [name])])
        elif kind:
            name = self.node(kind, [name])
        return (name, channels, height, width)

    def transposed(self, x, outputs, kernel, stride, pad):
        name, channels, height, width = x
        scale = np.sqrt(2 * stride * stride / (channels * kernel * kernel))
        weight = self.random.normal(0, scale, (channels, outputs, kernel, kernel)).astype(np.float32)
        self.flops += 2 * channels * outputs * kernel * kernel * height * width
        y = self.node("ConvTranspose", [name, self.constant(weight)], kernel_shape=[kernel] * 2,
                      strides=[stride] * 2, pads=[pad] * 4)
        height, width = ((size - 1) * stride - 2 * pad + kernel for size in (height, width))
        return (y, outputs, height, width)

    def pool(self, x, kernel, stride, pad=0):
        name, channels, height, width = x
        height, width = ((size + 2 * pad - kernel) // stride + 1 for size in (height, width))
        y = self.node("MaxPool", [name], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4)
        return (y, channels, height, width)

    def add(self, a, b):
        return (self.node("Add", [a[0], b[0]]), *a[1:])

    def scaled(self, x, factor):
        return (self.node("Mul", [x[0], self.constant(np.float32(factor))]), *x[1:])

    def concat(self, parts):
        return (self.node("Concat", [p[0] for p in parts], axis=1), sum(p[1] for p in parts), *parts[0][2:])

    def shuffle(self, x, factor):
        name, channels, height, width = x
        y = self.node("DepthToSpace", [name], blocksize=factor, mode="CRD")
        return (y, channels // factor**2, height * factor, width * factor)

    def resize(self, x, factor, mode):
        name, channels, height, width = x
        scales = self.constant(np.array([1, 1, factor, factor], np.float32))
        how = {"coordinate_transformation_mode": "half_pixel"} if mode == "linear" else {
            "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return (self.node("Resize", [name, "", scales], mode=mode, **how), channels, height * factor, width * factor)

    def classes(self, x, count):
        """Global mean, then a fully connected layer (or nothing when the channels are the classes)."""
        name = self.node("Flatten", [self.node("GlobalAveragePool", [x[0]])], axis=1)
        if count:
            weight = self.random.normal(0, np.sqrt(1 / x[1]), (count, x[1])).astype(np.float32)
            bias = self.constant(np.zeros(count, np.float32))
            self.flops += 2 * count * x[1]
            name = self.node("Gemm", [name, self.constant(weight), bias], transB=1)
        return (name, count or x[1])

    def save(self, folder, y):
        import onnxruntime

        self.nodes[-1].output[0] = "output"
        shape = [1, *y[1:]]
        graph = helper.make_graph(
            self.nodes, self.name, [helper.make_tensor_value_info("input", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        path = folder / f"{self.name}.onnx"
        onnx.save(model, path)
        x = self.random.random(self.shape, dtype=np.float32)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        want = session.run(None, {"input": x})[0]
        assert list(want.shape) == shape and np.isfinite(want).all() and want.std() > 0, self.name
        np.save(folder / f"{self.name}.in0.npy", x)
        np.save(folder / f"{self.name}.out.npy", want)
        for converted in ("param", "bin"):
            (folder / f"{self.name}.{converted}").unlink(missing_ok=True)
        facts = {"flops": int(self.flops), "input": self.shape, "output": shape, "script": SCRIPT}
        (folder / f"{self.name}.json").write_text(json.dumps(facts))
        print(f"{self.name}: {self.flops / 1e9:.2f} GFLOP")


def single(channels, size, build):
    def make(net):
        return build(net, net.input(channels, size, size))
    return make


def espcn(factor):
    def make(net):
        x = net.conv(net.input(1, 256, 256), 64, 5, activation="Tanh")
        x = net.conv(x, 32, 3, activation="Tanh")
        return net.shuffle(net.conv(x, factor**2, 3, gain=1.0), factor)
    return make


def srvgg(net):
    picture = net.input(3, 128, 128)
    x = net.conv(picture, 64, 3, activation="prelu")
    for _ in range(32):
        x = net.conv(x, 64, 3, activation="prelu", gain=1.9)
    return net.add(net.shuffle(net.conv(x, 48, 3, gain=0.05), 4), net.resize(picture, 4, "nearest"))


def dncnn(net):
    picture = net.input(1, 256, 256)
    x = picture
    for _ in range(16):
        x = net.conv(x, 64, 3, activation="Relu")
    x = net.conv(x, 1, 3, gain=0.05)
    return (net.node("Sub", [picture[0], x[0]]), *x[1:])


def rrdb(net):
    first = trunk = net.conv(net.input(3, 64, 64), 64, 3, gain=1.0)
    for _ in range(3):
        outer = trunk
        for _ in range(3):
            parts = [trunk]
            for _ in range(4):
                parts.append(net.conv(net.concat(parts) if len(parts) > 1 else trunk, 32, 3, activation="leaky"))
            trunk = net.add(net.scaled(net.conv(net.concat(parts), 64, 3, gain=1.0), 0.2), trunk)
        trunk = net.add(net.scaled(trunk, 0.2), outer)
    x = net.add(net.conv(trunk, 64, 3, gain=1.0), first)
    for _ in range(2):
        x = net.conv(net.resize(x, 2, "nearest"), 64, 3, activation="leaky")
    return net.conv(net.conv(x, 64, 3, activation="leaky"), 3, 3, gain=0.3)


def squeezenet(net):
    x = net.pool(net.conv(net.input(3, 224, 224), 64, 3, stride=2, pad=0, activation="Relu"), 3, 2)
    for i, (squeeze, expand) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256),
                                           (64, 256)]):
        s = net.conv(x, squeeze, 1, activation="Relu")
        x = net.concat([net.conv(s, expand, kernel, activation="Relu") for kernel in (1, 3)])
        if i in (1, 3):
            x = net.pool(x, 3, 2)
    return net.classes(net.conv(x, 1000, 1, activation="Relu"), None)


def mobilenet(net):
    x = net.conv(net.input(3, 224, 224), 32, 3, stride=2, activation="relu6")
    for widen, channels, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(count):
            step = stride if i == 0 else 1
            inner = x if widen == 1 else net.conv(x, x[1] * widen, 1, activation="relu6")
            inner = net.conv(inner, inner[1], 3, stride=step, group=inner[1], activation="relu6")
            residual = step == 1 and x[1] == channels
            y = net.conv(inner, channels, 1, gain=0.2 if residual else 1.0)
            x = net.add(x, y) if residual else y
    return net.classes(net.conv(x, 1280, 1, activation="relu6"), 1000)


def resnet(net):
    x = net.pool(net.conv(net.input(3, 224, 224), 64, 7, stride=2, activation="Relu"), 3, 2, 1)
    for width, count, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for i in range(count):
            step = stride if i == 0 else 1
            side = net.conv(x, width * 4, 1, stride=step, gain=1.0) if i == 0 else x
            y = net.conv(net.conv(x, width, 1, activation="Relu"), width, 3, stride=step, activation="Relu")
            x = net.activate(net.add(net.conv(y, width * 4, 1, gain=0.1), side), "Relu")
    return net.classes(x, 1000)


def backbone(net):
    """A detector's backbone with three heads' worth of SiLU convolutions and an upward path."""
    def block(x, channels):
        half = channels // 2
        a, b = (net.conv(x, half, 1, activation="silu", gain=2.5) for _ in range(2))
        inner = net.conv(net.conv(a, half, 1, activation="silu", gain=2.5), half, 3, activation="silu", gain=2.5)
        return net.conv(net.concat([net.add(a, inner), b]), channels, 1, activation="silu", gain=2.5)

    x, levels = net.conv(net.input(3, 320, 320), 16, 3, stride=2, activation="silu", gain=2.5), []
    for channels in (32, 64, 128, 256):
        x = block(net.conv(x, channels, 3, stride=2, activation="silu", gain=2.5), channels)
        levels.append(x)
    for level in (levels[2], levels[1]):
        x = block(net.concat([net.resize(net.conv(x, level[1], 1, activation="silu"), 2, "nearest"), level]), level[1])
    return net.conv(x, 85, 1, activation="Sigmoid")


MODELS = {
    "op_conv3x3": single(64, 256, lambda net, x: net.conv(x, 64, 3)),
    "op_conv1x1": single(64, 256, lambda net, x: net.conv(x, 64, 1)),
    "op_dwconv3x3": single(64, 256, lambda net, x: net.conv(x, 64, 3, group=64)),
    "op_maxpool3s2": single(64, 256, lambda net, x: net.pool(x, 3, 2, 1)),
    "op_resize_bil2": single(64, 128, lambda net, x: net.resize(x, 2, "linear")),
    "op_deconv4s2": single(64, 128, lambda net, x: net.transposed(x, 64, 4, 2, 1)),
    "espcn_x3": espcn(3),
    "espcn_x4": espcn(4),
    "srvgg_x4": srvgg,
    "dncnn17_256": dncnn,
    "rrdb3_x4": rrdb,
    "squeezenet11": squeezenet,
    "mobilenetv2": mobilenet,
    "resnet50": resnet,
    "backbone_320": backbone,
}


def main():
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(MODELS)
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise SystemExit(f"unknown models {', '.join(unknown)}; there are {', '.join(MODELS)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        facts = folder / f"{name}.json"
        # Models that an older version of this script made are made again.
        if not facts.exists() or json.loads(facts.read_text()).get("script") != SCRIPT:
            net = Network(name)
            net.save(folder, MODELS[name](net))


if __name__ == "__main__":
    main()
