"""Runs ocelli and its peers on the same models, interleaved, each measurement a process of its own; prints a Markdown
table and writes a page of it.

usage: compare.py --ocelli PROGRAM --models FOLDER --python PYTHON --python-webgpu PYTHON --out FOLDER
                  [--names a,b] [--peers x,y] [--rounds N] [--seconds S] [--command TEXT] [--commit TEXT]
"""
import argparse
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLUMNS = {
    "ocelli": "ocelli",
    "ncnn_vulkan": "ncnn Vulkan f32",
    "ncnn_vulkan_f16": "ncnn Vulkan f16",
    "ort_webgpu": "ORT WebGPU",
    "ort_cpu": "ORT CPU",
    "ncnn_cpu": "ncnn CPU",
}
ON_THE_ADAPTER = ("ocelli", "ncnn_vulkan", "ncnn_vulkan_f16", "ort_webgpu")


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("ocelli", "models", "python", "python-webgpu", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--names")
    parser.add_argument("--peers", default=",".join(COLUMNS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--command", default="cargo xtask bench peers")
    parser.add_argument("--commit", default="")
    return parser.parse_args()


def measure(a, peer, name, adapter):
    """The JSON of one process, or {"failed": why}."""
    folder = Path(a.models)
    if peer == "ocelli":
        command = [a.ocelli, "bench", "model", folder / f"{name}.onnx", "--input", folder / f"{name}.in0.npy",
                   "--expect", folder / f"{name}.out.npy", "--seconds", str(a.seconds), "--json"]
    else:
        python = a.python_webgpu if peer == "ort_webgpu" else a.python
        command = [python, HERE / "measure.py", peer, folder, name, str(a.seconds), adapter]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=a.timeout)
    except subprocess.TimeoutExpired:
        return {"failed": f"over {a.timeout:.0f} s"}
    except OSError as e:
        return {"failed": str(e)}
    for line in reversed(done.stdout.splitlines()):
        # Drivers print to stdout as well, even on the same line.
        at = line.find("{")
        if at >= 0 and "median_ms" in line:
            return json.loads(line[at:])
    said = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or [f"exit code {done.returncode}"]
    return {"failed": said[-1][:200]}


def adapter_of(a, name):
    """What ocelli runs on: the JSON of a short measurement."""
    short = argparse.Namespace(**{**vars(a), "seconds": 0.0})
    result = measure(short, "ocelli", name, "")
    if "failed" in result:
        raise SystemExit(f"ocelli cannot run {name}: {result['failed']}")
    return result


def wrong(result, peer):
    """Against ONNX Runtime on the CPU, relative to the largest element."""
    bound = 2e-2 if peer.endswith("f16") else 1e-3
    return not result["max_abs"] <= bound * max(result["ref_absmax"], 1e-12)


def cell(results, peer, gflop, best):
    done = [r for r in results if "failed" not in r]
    if not done:
        return "–"
    ms = statistics.median(r["median_ms"] for r in done)
    text = f"{ms:.2f}" if ms < 100 else f"{ms:.0f}"
    text = f"**{text}**" if ms == best else text
    if gflop > 0:
        text += f" ({gflop / ms * 1e3:.1f})"
    return text + (" WRONG" if any(wrong(r, peer) for r in done) else "")


def median_of(results, key):
    done = [key(r) for r in results if "failed" not in r]
    return statistics.median(done) if done else None


def machine():
    cpu = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{cpu}, {os.cpu_count()} logical cores, {platform.system()} {platform.release()}"


def versions(python, packages):
    code = f"import importlib.metadata as m\nfor p in {packages!r}: print(p, m.version(p))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return [line.strip() for line in done.stdout.splitlines()]


def main():
    a = arguments()
    names = a.names.split(",") if a.names else [p.stem for p in sorted(Path(a.models).glob("*.json"))]
    peers = ["ocelli", *[p for p in a.peers.split(",") if p != "ocelli"]]
    unknown = [p for p in peers if p not in COLUMNS]
    if unknown:
        raise SystemExit(f"unknown peers {', '.join(unknown)}; there are {', '.join(COLUMNS)}")
    facts = adapter_of(a, names[0])
    adapter = facts["adapter"]
    head = f"| model | GFLOP | {' | '.join(COLUMNS[p] for p in peers)} |\n|---|---:|{'---:|' * len(peers)}"
    print(head, flush=True)
    rows, cold, reasons = [], [], {}
    for name in names:
        gflop = json.loads((Path(a.models) / f"{name}.json").read_text())["flops"] / 1e9
        got = {peer: [] for peer in peers}
        # Rounds outside, peers inside: a drift of the machine meets all of them alike.
        for _ in range(a.rounds):
            for peer in peers:
                if not any("failed" in r for r in got[peer]):
                    got[peer].append(measure(a, peer, name, adapter))
        for peer in peers:
            for result in got[peer]:
                if "failed" in result:
                    reasons.setdefault((peer, result["failed"]), []).append(name)
        times = {p: median_of(got[p], lambda r: r["median_ms"]) for p in peers if p in ON_THE_ADAPTER}
        best = min((ms for ms in times.values() if ms is not None), default=None)
        row = f"| {name} | {gflop:.2f} | {' | '.join(cell(got[p], p, gflop, best) for p in peers)} |"
        print(row, flush=True)
        rows.append(row)
        starts = [median_of(got[p], lambda r: r["create_ms"] + r["first_ms"]) for p in peers]
        cold.append(f"| {name} | {' | '.join('–' if ms is None else f'{ms:.0f}' for ms in starts)} |")
    date = datetime.date.today().isoformat()
    slug = re.sub(r"[^a-z0-9]+", "-", adapter.lower()).strip("-")
    lines = [
        f"# Side by side on {adapter}",
        "",
        "| | |",
        "|---|---|",
        f"| date | {date} |",
        f"| machine | {machine()} |",
        f"| adapter | {adapter} ({facts['backend']}) |",
        f"| driver | {facts['driver']} |",
        f"| ocelli | {facts['version']}{f', commit {a.commit}' if a.commit else ''} |",
        f"| peers | {', '.join(versions(a.python, ['ncnn', 'onnxruntime']) + versions(a.python_webgpu, ['onnxruntime-webgpu']))} |",
        f"| command | `{a.command}` |",
        "",
        "Median milliseconds of one run, host array in, host array out, batch 1 (in parentheses GFLOP/s by the textbook",
        f"count); the median of {a.rounds} interleaved rounds of {a.seconds:g} s, each a process of its own. Bold: the fastest",
        "on the adapter. CPU columns use all cores. A result that is further from ONNX Runtime on the CPU than 1e-3 of its",
        "largest element (f16: 2e-2) is marked WRONG.",
        "",
        head,
        *rows,
        "",
        "From opening the model to the end of its first run, milliseconds (drivers keep compiled shaders on disk, so that only",
        "the first round on a machine is cold):",
        "",
        f"| model | {' | '.join(COLUMNS[p] for p in peers)} |\n|---|{'---:|' * len(peers)}",
        *cold,
        "",
    ]
    if reasons:
        lines += ["Not measured (–):", ""]
        for (peer, why), where in reasons.items():
            lines.append(f"- {COLUMNS[peer]}: {why} ({'all models' if len(where) == len(names) else ', '.join(where)})")
        lines.append("")
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    page = out / f"{date}-{slug}.md"
    page.write_text("\n".join(lines))
    for (peer, why), where in reasons.items():
        print(f"not measured: {COLUMNS[peer]}: {why} ({', '.join(where)})")
    print(f"written: {page}")


if __name__ == "__main__":
    main()
