"""Writes what ONNX Runtime computes for the models of the test data.

    python make_references.py TEST_DATA OUT

For every TEST_DATA/models/**/*.onnx one folder OUT/models/<path with "/" as "__">/ with input_<i>.npy and
output_<i>.npy in the order of the graph. A folder is kept when the model, this script and the runtime are the same as
when it was written. Quantised models are made beside them, see `quantized.py`. OUT/node_tests names the folder of the ONNX standard's node tests.
"""

import hashlib
import json
import pathlib
import shutil
import sys

import numpy as np
import onnx
import onnx.backend.test
import onnxruntime as ort
from PIL import Image

import quantized

# Height and width of inputs whose size is open. No two are equal, few are multiples of four.
CV_SIZE = (70, 93)
SIZES = {
    "dncnn": (57, 74),
    "vdsr": (61, 74),
    "espcn-tf": (66, 85),
    "fsrcnn-tf": (66, 85),
    "mtcnn/pnet": (97, 130),
    "ncnn-realesrgan": (52, 71),
    "ncnn-waifu2x": (70, 93),
    "ntire24-esr": (44, 59),
    "ppocr": (48, 190),
    "yunet": (160, 224),
}
# Batch of models whose batch size is open; one elsewhere.
BATCHES = {"dncnn": 2, "espcn-ort": 1, "mtcnn/onet": 5, "mtcnn/rnet": 7, "ntire24-esr": 2, "resnet-cifar10": 3, "yunet": 2}
# How 0..255 RGB pixels become the input: (subtract, divide by); 0..1 elsewhere.
RANGES = {
    "blazeface": (127.5, 127.5),
    "deeplabv3-mnv2": (127.5, 127.5),
    "mnist-burn": (33.3, 78.6),
    "mnist-wonnx": (0, 1),
    "mtcnn": (127.5, 128),
    "nanodet-m": ([103.53, 116.28, 123.675], [57.375, 57.12, 58.395]),
    "ncnn-assets": ([104, 117, 123], 1),
    "ntire24-esr/rlfn": (0, 1),
    "portrait-sinet": ([102.9, 111.3, 118.3], [71.4, 69.0, 69.4]),
    "ppocr": (127.5, 127.5),
    "resnet-cifar10": ([125.3, 123.0, 113.9], [63.0, 62.1, 66.7]),
    "style-nc": (0, 1),
    "ultraface": (127, 128),
    "yolox-nano": (0, 1),
    "yunet": (0, 1),
}
# Scalar inputs of the graphs of classic image operations.
SCALARS = {
    "C": 0.013, "alpha": 0.6, "beta": 0.3, "gamma": 1.3, "amount": 1.2, "brightness": 0.17, "exposure": 1.4, "saturation": 1.6,
    "temperature": 0.3, "in_black": 0.1, "in_white": 0.83, "out_black": 0.05, "out_white": 0.9, "h_min": 20.3, "h_max": 200.7,
    "s_min": 0.11, "s_max": 0.93, "v_min": 0.17, "v_max": 0.87, "crop_ratio": 0.61, "pad_ratio": 0.17, "pad_r": 0.2, "pad_g": 0.4,
    "pad_b": 0.7, "target_h": 47, "target_w": 81, "angle": 27.3, "angle_x": 11.0, "angle_y": 17.0, "angle_z": 23.0, "zoom": 1.1,
    "threshold": 0.4507, "k": 0.04, "p00": 0.97, "p01": 0.06, "p02": 0.01, "p10": -0.05, "p11": 1.03, "p12": 0.02, "p20": 0.04, "p21": -0.03,
}
# Chosen so that every output has something to show: scores near zero hold mostly the rounding of the oracle.
PICTURES = {
    "mtcnn": "faces/1.jpg", "blazeface": "faces/1.jpg", "ultraface": "faces/2.jpg", "yunet": "faces/17.jpg", "portrait": "faces/5.jpg",
    "mnist": "digit7.png", "ppocr": "text_hello.png", "yolox": "detect-samples/0.jpg", "nanodet": "detect-samples/0.jpg",
}


# Where a graph needs other values than those above.
SPECIAL = {
    ("weighted_add", "gamma"): -0.05,
    ("hsv_range", "h_min"): 0.04, ("hsv_range", "h_max"): 0.61, ("hsv_range", "s_min"): 0.05,
}


def lookup(table, name, default):
    """The entry whose key is the longest prefix of `name`."""
    keys = [k for k in table if name.startswith(k)]
    return table[max(keys, key=len)] if keys else default


def pixels(data, name, batch, channels, height, width, random):
    """Float NCHW pixels in 0..255: crops of a photograph, with noise below one level so that nothing ties."""
    if "hitmiss" in name:  # a pattern of 3x3 pixels that no photograph has
        return 200.0 * random.integers(0, 2, (batch, channels, height, width)) + random.uniform(0, 40, (batch, channels, height, width))
    picture = data / "images" / lookup(PICTURES, name, "kodak24/05.png")
    picture = Image.open(picture).convert("RGB" if channels == 3 else "L")
    scale = max(width / picture.width, height / picture.height, 0.5)
    size = (max(round(picture.width * scale), width), max(round(picture.height * scale), height))
    array = np.asarray(picture.resize(size, Image.BICUBIC), np.float32)
    array = array[..., None] if channels != 3 else array
    crops = []
    for i in range(batch):
        y = (size[1] - height) * (i + 1) // (batch + 1)
        x = (size[0] - width) * (i + 1) // (batch + 1)
        crop = array[y : y + height, x : x + width]
        crops.append(np.repeat(crop, channels, 2) if channels not in (1, 3) else crop)
    nchw = np.stack(crops).transpose(0, 3, 1, 2)
    return np.clip(nchw + random.uniform(-0.4, 0.4, nchw.shape), 0, 255)


def make_input(data, name, value, random):
    kind = value.type.tensor_type
    assert kind.elem_type == onnx.TensorProto.FLOAT, f"{name}: input {value.name} is not float"
    dims = [d.dim_value or None for d in kind.shape.dim]
    if dims == [1]:
        default = lookup(SCALARS, value.name, 0.5)
        return np.array([SPECIAL.get((name.split("/")[-1], value.name), default)], np.float32)
    graph_of_cv = name.startswith("onnx-cv-graph")
    nhwc = dims[-1] == 3
    if len(dims) == 3:
        dims = [1, *dims]
    n, c, h, w = (dims[0], dims[3], dims[1], dims[2]) if nhwc else dims
    height, width = CV_SIZE if graph_of_cv else lookup(SIZES, name, (None, None))
    n = n or (2 if graph_of_cv else lookup(BATCHES, name, 1))
    h, w = h or height, w or width
    subtract, divide = lookup(RANGES, name, (0, 255))
    x = pixels(data, name, n, c, h, w, random)
    if value.name == "input2":
        x = x[:, :, ::-1, ::-1]
    channel = lambda v: np.reshape(v, (1, -1, 1, 1))
    x = ((x - channel(subtract)) / channel(divide)).astype(np.float32)
    x = x.transpose(0, 2, 3, 1) if nhwc else x
    x = x[0] if len(kind.shape.dim) == 3 else x
    return np.ascontiguousarray(x)


def reference(data, path, name, out):
    model = onnx.load(path)
    weights = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in weights]
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little"))
    feeds = {i.name: make_input(data, name, i, random) for i in inputs}
    outputs = session.run(None, feeds)
    for i, value in enumerate(inputs):
        np.save(out / f"input_{i}.npy", feeds[value.name])
    for i, value in enumerate(outputs):
        assert np.isfinite(value).all() if value.dtype.kind == "f" else True, f"{name}: output {i} is not finite"
        assert value.dtype.kind != "f" or value.size < 8 or value.std() > 0, f"{name}: output {i} is constant"
        np.save(out / f"output_{i}.npy", value)


def main():
    data, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    (out / "node_tests").write_text(str(pathlib.Path(onnx.backend.test.__file__).parent / "data" / "node"))
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    made = kept = 0
    failed = []
    for path in sorted((data / "models").rglob("*.onnx")):
        name = path.relative_to(data / "models").with_suffix("").as_posix()
        folder = out / "models" / name.replace("/", "__")
        stamp = {"model": hashlib.sha256(path.read_bytes()).hexdigest(), "script": script, "onnxruntime": ort.__version__}
        stamp_file = folder / "stamp.json"
        if stamp_file.is_file() and json.loads(stamp_file.read_text()) == stamp:
            kept += 1
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            reference(data, path, name, folder)
        except Exception as e:  # every model that fails is reported, not the first alone
            failed.append(f"{name}: {e}")
            continue
        stamp_file.write_text(json.dumps(stamp))
        made += 1
    if (data / "models").is_dir():
        more = quantized.make(data, out)
        made, kept, failed = made + more[0], kept + more[1], failed + more[2]
    print(f"references: {made} made, {kept} kept, in {out}")
    for line in failed:
        print("FAILED", line)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
