"""Converts the models for ncnn with the program of the pnnx package: NAME.onnx to NAME.param and NAME.bin.

usage: convert.py FOLDER [NAME...]
"""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def converter():
    package = Path(importlib.util.find_spec("pnnx").submodule_search_locations[0])
    programs = [p for p in package.rglob("pnnx*") if p.is_file() and p.stem == "pnnx" and p.suffix in ("", ".exe")]
    if not programs:
        raise SystemExit(f"no converter below {package}")
    os.chmod(programs[0], 0o755)
    return programs[0]


def main():
    folder = Path(sys.argv[1]).resolve()
    names = sys.argv[2:] or sorted(p.stem for p in folder.glob("*.onnx"))
    program = converter()
    for name in names:
        param, weights = folder / f"{name}.param", folder / f"{name}.bin"
        if param.exists() and weights.exists():
            continue
        shape = ",".join(map(str, json.loads((folder / f"{name}.json").read_text())["input"]))
        with tempfile.TemporaryDirectory() as scratch:
            # The program writes its own files beside the model.
            model = Path(scratch) / f"{name}.onnx"
            model.write_bytes((folder / f"{name}.onnx").read_bytes())
            done = subprocess.run(
                [program, model, f"inputshape=[{shape}]f32", "fp16=0", f"ncnnparam={param}", f"ncnnbin={weights}"],
                cwd=scratch, capture_output=True, text=True, timeout=600)
        if not (param.exists() and weights.exists()):
            # The others go on; this peer is then named as failing on this model.
            last = ((done.stderr + done.stdout).strip().splitlines() or ["no output"])[-1]
            print(f"{name}: not converted for ncnn: {last}")
        else:
            print(f"{name}: converted for ncnn")


if __name__ == "__main__":
    main()
