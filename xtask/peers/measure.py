"""Times one model in one peer, and prints one JSON line: create_ms first_ms median_ms min_ms runs max_abs ref_absmax.

usage: measure.py PEER MODEL_FOLDER NAME SECONDS ADAPTER

From host array to host array: the session exists, the first run is apart, the median is that of the runs after it.
ADAPTER is the name of the Vulkan adapter that GPU peers must use.
"""
import json
import os
import sys
import time
from pathlib import Path

import numpy as np


def ort_cpu(folder, name, _adapter):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = os.cpu_count()
    session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"input": x})[0]


def ort_webgpu(folder, name, _adapter):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    wanted = "WebGpuExecutionProvider"
    if wanted not in onnxruntime.get_available_providers():
        raise SystemExit("this build of ONNX Runtime has no WebGPU")
    session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=[wanted])
    # Without a usable adapter it continues on the CPU and says nothing.
    if wanted not in session.get_providers():
        raise SystemExit("skipped: its WebGPU accepts no adapter here (it needs a GPU, or lavapipe of Mesa 25)")
    return lambda x: session.run(None, {"input": x})[0]


def ncnn(vulkan, half):
    def load(folder, name, adapter):
        import ncnn

        net = ncnn.Net()
        net.opt.use_vulkan_compute = vulkan
        net.opt.num_threads = os.cpu_count()
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = half
        for flag in ("use_bf16_packed", "use_bf16_storage"):
            if hasattr(net.opt, flag):
                setattr(net.opt, flag, False)
        if vulkan:
            names = [ncnn.get_gpu_info(i).device_name() for i in range(ncnn.get_gpu_count())]
            if adapter not in names:
                raise SystemExit(f"skipped: it does not see {adapter}, only [{', '.join(names)}]")
            net.set_vulkan_device(names.index(adapter))
        if net.load_param(str(folder / f"{name}.param")) or net.load_model(str(folder / f"{name}.bin")):
            raise SystemExit("ncnn cannot load the converted model")

        def run(x):
            extractor = net.create_extractor()
            # Its matrices have no batch dimension.
            extractor.input("in0", ncnn.Mat(x[0]).clone())
            code, result = extractor.extract("out0")
            if code:
                raise SystemExit(f"ncnn: extract gave {code}")
            return np.array(result)

        return run

    return load


PEERS = {
    "ncnn_vulkan": ncnn(vulkan=True, half=False),
    "ncnn_vulkan_f16": ncnn(vulkan=True, half=True),
    "ort_webgpu": ort_webgpu,
    "ort_cpu": ort_cpu,
    "ncnn_cpu": ncnn(vulkan=False, half=False),
}


def milliseconds(since):
    return (time.perf_counter() - since) * 1e3


def main():
    peer, folder, name, seconds, adapter = sys.argv[1:6]
    folder = Path(folder)
    x, want = np.load(folder / f"{name}.in0.npy"), np.load(folder / f"{name}.out.npy")
    begun = time.perf_counter()
    run = PEERS[peer](folder, name, adapter)
    create = milliseconds(begun)
    begun = time.perf_counter()
    got = run(x)
    first = milliseconds(begun)
    if got.size != want.size:
        raise SystemExit(f"the result has {got.size} elements, expected {want.size}")
    error = float(np.abs(got.astype(np.float64).ravel() - want.ravel()).max())
    times, whole = [], time.perf_counter()
    while not times or milliseconds(whole) < float(seconds) * 1e3:
        begun = time.perf_counter()
        run(x)
        times.append(milliseconds(begun))
    print(json.dumps({
        "create_ms": create, "first_ms": first, "median_ms": float(np.median(times)), "min_ms": min(times),
        "runs": len(times), "max_abs": error if np.isfinite(error) else 1e30, "ref_absmax": float(np.abs(want).max()),
    }), flush=True)
    # Some drivers crash while they are unloaded, after everything is done.
    os._exit(0)


if __name__ == "__main__":
    main()
