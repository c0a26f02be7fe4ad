"""``python -m benchmarks --names`` lists the benchmarks."""

from __future__ import annotations

from pathlib import Path

OWN = {"__init__", "__main__", "harness"}

for file in sorted(Path(__file__).parent.glob("*.py")):
    if file.stem not in OWN and not file.stem.startswith("_"):
        print(file.stem)
