"""The classic results, held against isograd's own remedies: does what the literature says is better win here, too?

    python bench/classics.py              a table
    python bench/classics.py --json -     the same as JSON
    python bench/classics.py dbn-5 he-30  only these

Each row is the mean paired difference of a held-out score over seeds with its 95 % interval (Student's t): the same
seed, batches and number of steps in two ways. A claim holds if the interval lies above what the claim is about.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import torch

from classical.classic import Classic, score
from classical.classics import CLASSICS
from isograd.treatment.proof.statistics import paired_effect

BY_NAME = {classic.name: classic for classic in CLASSICS}


def one(job: tuple[str, bool, int]) -> float:
    """The score of one training."""
    torch.set_num_threads(1)
    name, better, seed = job
    classic = BY_NAME[name]
    return score(classic.task(), classic.better if better else classic.worse, seed)


def row_of(classic: Classic, scores: dict[tuple[str, bool, int], float], seeds: int, seconds: float) -> dict[str, Any]:
    """What the trainings of one claim say."""
    better, worse = ([scores[classic.name, way, seed] for seed in range(seeds)] for way in (True, False))
    effect = paired_effect(better, worse, True)
    return {
        "classic": classic.name,
        "claim": classic.claim,
        "better": {"way": classic.better.name, "scores": [round(s, 4) for s in better]},
        "worse": {"way": classic.worse.name, "scores": [round(s, 4) for s in worse]},
        "effect": {"mean": round(effect.mean, 4), "low": round(effect.low, 4), "high": round(effect.high, 4)},
        "least": classic.least,
        "holds": effect.low > classic.least,
        "seconds": round(seconds, 1),
    }


def main() -> int:
    """Runs the classics and prints a row each; exit status 1 if a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BY_NAME)}")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON; - for standard output")
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(BY_NAME))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BY_NAME)}")
    out = sys.stderr if args.json == "-" else sys.stdout
    rows = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        for classic in (c for c in CLASSICS if not args.names or c.name in args.names):
            started = time.perf_counter()
            jobs = [(classic.name, way, seed) for seed in range(args.seeds) for way in (True, False)]
            scores = dict(zip(jobs, pool.map(one, jobs), strict=True))
            row = row_of(classic, scores, args.seeds, time.perf_counter() - started)
            rows.append(row)
            interval = f"{row['effect']['mean']:+.3f} ({row['effect']['low']:+.3f} to {row['effect']['high']:+.3f})"
            ways = f"{classic.better.name} against {classic.worse.name}"
            word = "holds" if row["holds"] else "FAILS"
            print(f"{word:<6}{classic.name:<20}{ways:<32}{interval:<30}{row['seconds']:>6.0f} s", file=out, flush=True)
    if args.json:
        text = json.dumps({"classics": rows}, indent=2) + "\n"
        if args.json == "-":
            sys.stdout.write(text)
        else:
            with open(args.json, "w", encoding="utf-8") as file:
                file.write(text)
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
