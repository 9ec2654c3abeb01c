"""Quantised models, and what ONNX Runtime computes for them.

For each entry of MODELS a folder OUT/quantized/<name>-<kind>/ with model.onnx, input_0.npy, output_<i>.npy (of the quantised
model) and float_<i>.npy (of the model before). Inputs are those that `make_references.py` made, and calibrate as well.
"""

import hashlib
import json
import logging
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime as ort
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

# What is quantised, and how: form, activations, weights, scales per channel.
KINDS = {
    "qdq-u8": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QInt8, True),
    "qdq-i8": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, True),
    "qdq-u8-weights": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QUInt8, False),
    "qoperator-u8": (QuantFormat.QOperator, QuantType.QUInt8, QuantType.QInt8, True),
}
MODELS = [
    ("ncnn-assets/squeezenet_v1.1", "qdq-u8"),
    ("espcn-ort/pytorch_super_resolution", "qdq-i8"),
    ("espcn-ort/pytorch_super_resolution", "qdq-u8-weights"),
    ("espcn-ort/pytorch_super_resolution", "qoperator-u8"),
    ("ncnn-realesrgan/realesr-animevideov3-x2", "qdq-i8"),
    ("resnet-cifar10/resnet20", "qdq-u8"),
    ("ultraface/slim320_nopost", "qdq-u8"),
    ("yolox-nano/yolox_nano", "qdq-i8"),
    ("mnist-burn/mnist", "qdq-u8"),
]


class One(CalibrationDataReader):
    """Hands out one sample."""

    def __init__(self, feeds):
        self.feeds = feeds

    def get_next(self):
        feeds, self.feeds = self.feeds, None
        return feeds


def run(path, feeds):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]).run(None, feeds)


def make_one(path, inputs, kind, folder):
    model = onnx.load(path)
    weights = {i.name for i in model.graph.initializer}
    names = [i.name for i in model.graph.input if i.name not in weights]
    feeds = {name: np.load(inputs / f"input_{i}.npy") for i, name in enumerate(names)}
    form, activations, types, per_channel = KINDS[kind]
    quantised, newer = folder / "model.onnx", folder / "newer.onnx"
    if model.opset_import[0].version < 13:  # scales per channel came with 13
        model = version_converter.convert_version(model, 13)
    onnx.save(model, newer)
    quantize_static(
        str(newer), str(quantised), One(feeds), quant_format=form, activation_type=activations, weight_type=types,
        per_channel=per_channel,
    )
    newer.unlink()
    for i, name in enumerate(names):
        np.save(folder / f"input_{i}.npy", feeds[name])
    for stem, outputs in (("output", run(quantised, feeds)), ("float", run(path, feeds))):
        for i, value in enumerate(outputs):
            np.save(folder / f"{stem}_{i}.npy", value)


def make(data, out):
    """Makes what is missing or out of date; returns how many were made and kept, and the failures."""
    logging.getLogger().setLevel(logging.ERROR)
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    made = kept = 0
    failed = []
    wanted = set()
    for pattern, kind in MODELS:
        paths = sorted((data / "models").glob(f"{pattern}.onnx"))
        if not paths:
            failed.append(f"{pattern} {kind}: no such model in the test data")
        for path in paths:
            name = path.relative_to(data / "models").with_suffix("").as_posix().replace("/", "__")
            folder, inputs = out / "quantized" / f"{name}-{kind}", out / "models" / name
            wanted.add(folder.name)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            stamp = {"model": digest, "inputs": (inputs / "stamp.json").read_text() if inputs.is_dir() else "", "script": script}
            stamp_file = folder / "stamp.json"
            if stamp_file.is_file() and json.loads(stamp_file.read_text()) == stamp:
                kept += 1
                continue
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                make_one(path, inputs, kind, folder)
            except Exception as e:  # every model that fails is reported, not the first alone
                failed.append(f"{name} {kind}: {e}")
                continue
            stamp_file.write_text(json.dumps(stamp))
            made += 1
    for folder in (out / "quantized").glob("*"):
        if folder.name not in wanted:
            shutil.rmtree(folder)
    return made, kept, failed
