"""Shared by the recipes: a small ONNX writer, picture loading, schedule, checks."""

import hashlib
import math
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]

# Kodak pictures kept out of training: they are the demo's samples and the test.
HELD_OUT = {"04", "15", "20", "23"}
PHOTOS = ["astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg"]


class Graph:
    """Writes an ONNX graph node by node, so that it holds nothing but what is meant."""

    def __init__(self, name):
        self.name, self.nodes, self.weights = name, [], []

    def const(self, name, value):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def conv(self, x, layer, name, output=None):
        names = [x, self.const(f"{name}.weight", layer.weight.detach().float().numpy())]
        if layer.bias is not None:
            names.append(self.const(f"{name}.bias", layer.bias.detach().float().numpy()))
        kernel, pad = layer.kernel_size, layer.padding
        return self.node(
            "Conv", names, output or name, kernel_shape=list(kernel), strides=list(layer.stride),
            pads=[pad[0], pad[1], pad[0], pad[1]], group=layer.groups,
            dilations=list(layer.dilation),
        )

    def prelu(self, x, layer, name):
        slope = layer.weight.detach().float().numpy().reshape(-1, 1, 1)
        return self.node("PRelu", [x, self.const(f"{name}.slope", slope)], name)

    def save(self, path, input_shape, output_shape, more_inputs=None):
        inputs = {"input": input_shape, **(more_inputs or {})}
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, output_shape)],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                                  producer_name="ocelli", ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, path)


def verify(path, model, shapes, limit=1e-5, more=()):
    """Compares the file under ONNX Runtime with the torch model, for several input shapes.

    `more` names the inputs of one value that follow the picture.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    model.eval()
    worst = 0.0
    for seed, shape in enumerate(shapes):
        x = torch.rand(shape, generator=torch.Generator().manual_seed(seed))
        values = {n: torch.full((1, 1, 1, 1), 0.1 * (seed + 1)) for n in more}
        with torch.no_grad():
            want = model(x, *values.values()).numpy()
        feed = {"input": x, **values}
        got = session.run(["output"], {n: v.numpy() for n, v in feed.items()})[0]
        assert got.shape == want.shape, (got.shape, want.shape)
        worst = max(worst, float(np.abs(got - want).max()))
    print(f"{path.name}: largest difference from torch {worst:.2e} over {shapes}")
    assert worst < limit
    return session


def write_toml(path, text):
    """Writes model.toml beside model.onnx, filling in the checksum."""
    digest = hashlib.sha256((path / "model.onnx").read_bytes()).hexdigest()
    (path / "model.toml").write_text(text.replace("@SHA256@", digest))


def parameters(parser, out, steps, minutes):
    parser.add_argument("--data", type=Path, required=True, help="folder of picture sets")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / out)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--minutes", type=float, default=minutes, help="end no later than this")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    return args


class Schedule:
    """Warm-up then cosine over the steps, or over the minutes where those run out first."""

    def __init__(self, optimizer, rate, steps, minutes, warm=100):
        self.optimizer, self.rate, self.steps = optimizer, rate, steps
        self.minutes, self.warm, self.start, self.step = minutes, warm, time.time(), 0
        self.progress = 0.0

    def running(self):
        spent = (time.time() - self.start) / 60
        self.progress = max(self.progress, self.step / self.steps, spent / self.minutes)
        if self.progress >= 1:
            print(f"{self.step} steps in {spent:.1f} minutes", flush=True)
            return False
        self.step += 1
        scale = 0.5 * (1 + math.cos(math.pi * self.progress)) + 1e-3
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * scale * min(1, self.step / self.warm)
        return True


def load(path):
    """A picture as float tensor 3xHxW in 0..1."""
    pixels = np.asarray(Image.open(path).convert("RGB"), dtype=np.float32) / 255
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def training_photos(data):
    kodak = [p for p in sorted((data / "kodak24").glob("*.png")) if p.stem not in HELD_OUT]
    return [load(p) for p in kodak + [data / "skimage" / n for n in PHOTOS]]


def luma(rgb):
    """Full range Y of BT.601."""
    r, g, b = rgb.unbind(-3)
    return (0.299 * r + 0.587 * g + 0.114 * b).unsqueeze(-3)


def turn(x, k):
    """One of the eight turns and flips."""
    x = torch.rot90(x, k % 4, (-2, -1))
    return x.flip(-1) if k >= 4 else x


def psnr(a, b, peak=1.0):
    return float(10 * torch.log10(peak * peak / ((a - b).double() ** 2).mean()))


def save_png(x, path):
    """Writes a 3xHxW or 1xHxW tensor in 0..1."""
    pixels = (x.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[2] == 1 else pixels).save(path)
