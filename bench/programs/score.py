"""Scores isograd's verdicts on small real training programs whose labels come from their outcomes.

`python bench/programs/score.py --split dev` prints a table a program and the rates; `--json -` prints JSON instead.
The test split is for the final scoring alone: rules are tuned on dev.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from running import ROOT, Trial, run_trial
from tally import Rate, Verdict, judge, rates

Labels = dict[str, dict[str, Any]]


def read_labels(split: str, only: str) -> Labels:
    """The labels of one split, narrowed to the programs whose name contains `only`."""
    labels: Labels = json.loads((ROOT / "labels.json").read_text(encoding="utf-8"))
    return {name: label for name, label in labels.items() if name.startswith(f"{split}/") and only in name}


def mark(verdict: Verdict) -> str:
    """One word: what was missed, or `ok`."""
    if verdict.health == "broken":
        return "BROKEN"
    if not verdict.faulty:
        return "FALSE" if verdict.alarmed else "ok"
    if not verdict.alarmed:
        return "MISSED"
    if not verdict.right_problem:
        return "problem"
    return "ok" if verdict.cause_first else "cause"


def row(verdict: Verdict) -> str:
    """One line of the table."""
    said = f"{verdict.rule} {verdict.problem} / {', '.join(verdict.causes[:3])}" if verdict.alarmed else verdict.health
    unlike = "  differs from plain python" if verdict.faithful is False else ""
    return f"{mark(verdict):8s} {verdict.program:40s} {verdict.seed:2d}  {verdict.wanted:42s} {said}{unlike}"


def run_all(labels: Labels, seeds: Sequence[int], jobs: int, compare: bool, quiet: bool) -> list[Verdict]:
    """Run every program with every seed; a line is written as soon as one is judged."""
    tasks = [(name, seed) for name in labels for seed in seeds]

    def work(task: tuple[str, int]) -> Trial:
        return run_trial(task[0], task[1], compare)

    verdicts = []
    with ThreadPoolExecutor(jobs) as pool:
        for trial in pool.map(work, tasks):
            verdict = judge(trial, labels[trial.program])
            verdicts.append(verdict)
            if not quiet:
                print(row(verdict), flush=True)
            if trial.complaint:
                print(trial.complaint, file=sys.stderr)
    return verdicts


def number(value: float) -> float | None:
    """A rate of nothing is null: JSON knows no nan."""
    return None if math.isnan(value) else value


def document(split: str, verdicts: Sequence[Verdict], found: dict[str, Rate]) -> dict[str, Any]:
    """The whole score as JSON."""
    faulty = sum(verdict.faulty for verdict in verdicts)
    return {
        "split": split,
        "configurations": {"faulty": faulty, "healthy": len(verdicts) - faulty},
        "rates": {name: {**asdict(r), "rate": number(r.rate)} for name, r in found.items()},
        "programs": [asdict(verdict) for verdict in verdicts],
    }


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time (default 2)")
    parser.add_argument("--seeds", default="0", help="seeds, separated by commas (default 0)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only programs whose name contains TEXT")
    parser.add_argument("--no-compare", action="store_true", help="do not hold the output against plain python")
    parser.add_argument("--json", metavar="FILE", help="write the score as JSON; - for standard output")
    return parser


def main() -> int:
    """Run, print, and return 1 if a program broke or was changed by being watched."""
    args = options().parse_args()
    labels = read_labels(args.split, args.only)
    if not labels:
        print(f"no program of the split {args.split} has {args.only!r} in its name; see labels.json", file=sys.stderr)
        return 2
    seeds = [int(seed) for seed in args.seeds.split(",")]
    verdicts = run_all(labels, seeds, args.jobs, not args.no_compare, args.json == "-")
    found = rates(verdicts)
    if args.json == "-":
        print(json.dumps(document(args.split, verdicts, found), indent=1))
    else:
        print()
        for name, r in found.items():
            share = f"{100 * r.rate:5.1f} %  [{100 * r.low:.1f}, {100 * r.high:.1f}]" if r.n else "not asked"
            print(f"{name:14s} {r.k:3d} of {r.n:3d}  {share}")
    if args.json and args.json != "-":
        Path(args.json).write_text(json.dumps(document(args.split, verdicts, found), indent=1) + "\n", encoding="utf-8")
    unlike = found["faithful"].k < found["faithful"].n
    return 1 if unlike or found["broken"].k else 0


if __name__ == "__main__":
    sys.exit(main())
