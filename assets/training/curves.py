"""Draws the scores that runs printed as one SVG: a panel for each task, a line for each run.

    python curves.py OUT.svg "Title: run=LOG, other run=LOG" "Another title: run=LOG"
"""

import re
import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 230, 46, 14, 34, 38
INK, FAINT, GRID = "#1f2933", "#66727f", "#e3e8ee"
LINES = ("#2563eb", "#d97706", "#059669")
LINE = re.compile(r"step (\d+) .*score ([-\d.]+)")


def curve(path):
    """(step, score) of every line of a log; where a run was cut off and went on, the later one."""
    found = {}
    for step, score in LINE.findall(Path(path).read_text()):
        found[int(step)] = float(score)
    if not found:
        raise SystemExit(f"{path}: no line 'step N ... score X'")
    return sorted(found.items())


def ticks(low, high, count):
    """Round numbers from low to high."""
    rough = max(high - low, 1e-6) / count
    size = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 0.001
    while size * 10 <= rough:
        size *= 10
    size *= next(k for k in (1, 2, 5, 10) if size * k >= rough)
    first = -(-low // size)
    return [round((first + i) * size, 6) for i in range(int((high - first * size) / size + 1e-9) + 1)]


def panel(title, runs, x0):
    points = [p for _, run in runs for p in run]
    steps = max(step for step, _ in points)
    low, high = min(s for _, s in points), max(s for _, s in points)
    margin = max(0.05 * (high - low), 0.02)
    low, high = low - margin, high + margin
    inner = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)

    def at(step, score):
        return x0 + LEFT + inner[0] * step / steps, TOP + inner[1] * (high - score) / (high - low)

    def text(x, y, words, size=10, fill=FAINT, anchor="middle", more=""):
        return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" '
                f'text-anchor="{anchor}"{more}>{escape(words)}</text>')

    out = [text(x0 + LEFT, 18, title, 13, INK, "start", ' font-weight="600"')]
    for score in ticks(low, high, 5):
        x, y = at(0, score)
        out.append(f'<path d="M{x:.1f} {y:.1f}h{inner[0]}" stroke="{GRID}"/>')
        out.append(text(x - 5, y + 3.5, f"{score:g}", anchor="end"))
    for step in ticks(0, steps, 4):
        out.append(text(at(step, low)[0], TOP + inner[1] + 14, f"{int(step):,}"))
    out.append(text(x0 + LEFT + inner[0] / 2, HEIGHT - 6, "steps; dB on pictures kept out of training"))
    for index, (name, run) in enumerate(runs):
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*p) for p in run))
        fill = LINES[index % len(LINES)]
        out.append(f'<polyline points="{way}" fill="none" stroke="{fill}" stroke-width="1.8"/>')
        out.append(text(x0 + WIDTH - RIGHT - 4, TOP + inner[1] - 8 - 14 * (len(runs) - 1 - index), name, 11, fill, "end"))
    return "\n".join(out)


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    panels = []
    for index, words in enumerate(sys.argv[2:]):
        title, runs = words.split(":", 1)
        runs = [run.strip().split("=", 1) for run in runs.split(",")]
        panels.append(panel(title, [(name, curve(path)) for name, path in runs], index * WIDTH))
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT}"'
    Path(sys.argv[1]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif">\n'
        f'<rect {size} fill="#ffffff"/>\n' + "\n".join(panels) + "\n</svg>\n")


if __name__ == "__main__":
    main()
