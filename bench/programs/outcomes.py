"""Checks that every label follows from outcomes: what the program reaches, with its fault and with the fault undone.

`outcomes.json` holds for each program which way its last printed number is better, the level that a healthy run
reaches (`good`), the level that a faulty one misses (`bad`), the edit that undoes the fault, and what was measured.
`python bench/programs/outcomes.py --seeds 0,1,2` runs them all, prints a line each and returns 1 if a label fails;
`--write` stores what was measured. isograd takes no part in it.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from running import ROOT, run_process

Spec = Mapping[str, Any]
STORE = ROOT / "outcomes.json"


def healed(source: str, undo: Sequence[Sequence[str]]) -> str:
    """The program's source with its fault undone; a fault that is not there to undo is an error."""
    for wrong, right in undo:
        if wrong not in source:
            raise ValueError(f"the source holds no {wrong!r} to replace; mend outcomes.json")
        source = source.replace(wrong, right)
    return source


def last_number(source: str, seed: int) -> float:
    """Run a program; the last word that it prints is its metric, nan if the program failed."""
    with tempfile.TemporaryDirectory(prefix="isograd-programs-") as folder:
        script = Path(folder, "train.py")
        script.write_text(source, encoding="utf-8")
        done = run_process([sys.executable, str(script), "--seed", str(seed)], folder)
    if done.status:
        return math.nan
    return float(done.stdout.split()[-1])


def reaches(value: float, level: float, higher: bool) -> bool:
    """Whether a metric is at least as good as a level; nan never is."""
    return value >= level if higher else value <= level


def holds(spec: Spec, values: Sequence[float], undone: Sequence[float]) -> bool:
    """Whether all seeds agree: a healthy program is good; a faulty one misses `bad`, and is good once healed."""
    good = [reaches(v, spec["good"], spec["higher"]) for v in (undone if spec["undo"] else values)]
    missed = [not reaches(v, spec["bad"], spec["higher"]) for v in values] if spec["undo"] else []
    return all(good) and all(missed)


def measure(name: str, spec: Spec, seeds: Sequence[int]) -> tuple[list[float], list[float]]:
    """The metric over the seeds, as it stands and with the fault undone (empty for a healthy program)."""
    source = (ROOT / f"{name}.py").read_text(encoding="utf-8")
    values = [last_number(source, seed) for seed in seeds]
    if not spec["undo"]:
        return values, []
    mended = healed(source, spec["undo"])
    return values, [last_number(mended, seed) for seed in seeds]


def plain(values: Sequence[float]) -> list[float | None]:
    """Metrics as JSON, which knows no nan."""
    return [round(v, 4) if math.isfinite(v) else None for v in values]


def main() -> int:
    """Measure, print, and return 1 if a label does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    store: dict[str, dict[str, Any]] = json.loads(STORE.read_text(encoding="utf-8"))
    seeds = [int(seed) for seed in args.seeds.split(",")]
    names = [name for name in store if args.only in name]
    failed = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for name, (values, undone) in zip(names, pool.map(lambda n: measure(n, store[n], seeds), names), strict=True):
            good = holds(store[name], values, undone)
            failed += not good
            print("ok  " if good else "FAIL", f"{name:42s}", plain(values), plain(undone), flush=True)
            store[name].update(seeds=seeds, values=plain(values), undone=plain(undone))
    if args.write:
        STORE.write_text(json.dumps(store, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
