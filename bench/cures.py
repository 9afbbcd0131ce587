"""Cures from end to end: `isograd cure` on every example, with its time beside that of one plain training.

    python bench/cures.py                     a table of the examples
    python bench/cures.py --dev 12            the same of faulty programs of bench/programs/dev, the first twelve
    python bench/cures.py --only relu_dies    one of them
    python bench/cures.py --json -            as JSON

A faulty example is expected to end cured with its patch verified, a healthy one with "no remedy needed"; programs of
`bench/programs/dev` are only looked at, since some have faults that no remedy touches. `ratio` is the time of the whole
cure by that of one plain `python script`, the median of three that are run around it. Nothing is taken up from earlier
cures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
DEV = ROOT / "bench" / "programs" / "dev"
FAULTY = ("clipped_rnn_hidden_explosion", "digits_rnn_exploding", "mnist_sigmoid_mlp", "relu_dies")
"""Of the examples; the others are healthy."""
PLAIN_RUNS = 3
MOST_RATIO = 10.0
"""A cure may cost so many trainings, in the median over the faulty examples."""


def row_of(script: Path, expected: str, seeds: int) -> Row:
    """One cure, with plain trainings before and after it."""
    with tempfile.TemporaryDirectory(prefix="isograd-cures-") as folder:
        plain = [_seconds([str(script)], folder)[0]]
        out = Path(folder, "verdict.json")
        words = ["-m", "isograd", "cure", "--quiet", "--seeds", str(seeds), "--json", str(out), str(script)]
        seconds, said = _seconds(words, folder)
        plain += [_seconds([str(script)], folder)[0] for _ in range(PLAIN_RUNS - 1)]
        found = json.loads(out.read_text()) if out.exists() else {}
    verdict = found.get("verdict", {})
    row = {
        "script": script.stem,
        "expected": expected,
        "outcome": verdict.get("outcome", "broken"),
        "problems": [finding["problem"] for finding in found.get("findings", ())],
        "remedies": verdict.get("remedies", []),
        "effect": verdict.get("effect", {}),
        "verified": verdict.get("patch_verified"),
        "trials": verdict.get("trials", 0),
        "seconds": round(seconds, 1),
        "plain_seconds": round(statistics.median(plain), 2),
        "ratio": round(seconds / statistics.median(plain), 2),
        "said": "" if verdict else said[-400:],
    }
    return {**row, "as_expected": _as_expected(row)}


def _as_expected(row: Row) -> bool | None:
    """Whether the outcome is the expected one; None where none is."""
    if row["expected"] == "cured":
        return bool(row["outcome"] == "cured" and row["verified"])
    return row["outcome"] == row["expected"] if row["expected"] else None


def _seconds(words: list[str], folder: str) -> tuple[float, str]:
    """How long a Python process takes, and what it wrote to standard error."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)
    return time.perf_counter() - started, done.stderr


def programs(args: argparse.Namespace) -> list[tuple[Path, str]]:
    """What is to be cured, with the outcome that is expected."""
    if args.dev:
        labels = json.loads((ROOT / "bench" / "programs" / "labels.json").read_text())
        stems = sorted(name.removeprefix("dev/") for name in labels if name.startswith("dev/"))
        faulty = [stem for stem in stems if labels.get(f"dev/{stem}", {}).get("health") == "faulty"]
        found = [(DEV / f"{stem}.py", "") for stem in faulty[args.skip : args.skip + args.dev]]
    else:
        scripts = sorted(EXAMPLES.glob("*.py"))
        found = [(script, "cured" if script.stem in FAULTY else "no-remedy-needed") for script in scripts]
    return [one for one in found if not args.only or one[0].stem in args.only]


def total_of(rows: list[Row]) -> Row:
    """The figures that are judged."""
    ratios = [row["ratio"] for row in rows if row["expected"] == "cured"]
    median = statistics.median(ratios) if ratios else None
    return {
        "as_expected": sum(bool(row["as_expected"]) for row in rows),
        "rows": len(rows),
        "ratio_median_of_faulty": median,
        "most_ratio": MOST_RATIO,
        "load": os.getloadavg()[0],
    }


def _line(row: Row) -> str:
    effect = row["effect"]
    size = f"{effect['mean']:+.3g} [{effect['low']:+.3g}, {effect['high']:+.3g}]" if _known(effect) else "-"
    mark = {True: "ok", False: "WRONG", None: ""}[row["as_expected"]]
    verified = {True: "patch verified", False: "PATCH DIFFERS", None: "no patch run"}[row["verified"]]
    told = f"{row['outcome']:<22} {', '.join(row['remedies']) or '-':<34} {size:<32} {verified:<14}"
    return (
        f"{mark:<6}{row['script']:<32}{told} {row['seconds']:>6.1f} s {row['ratio']:>6.1f} x {row['trials']:>3} trials"
    )


def _known(effect: Row) -> bool:
    return all(isinstance(effect.get(name), int | float) for name in ("mean", "low", "high"))


def main() -> None:
    """Cures every program and prints a row each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON; - for standard output")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of each proof")
    parser.add_argument("--dev", type=int, default=0, metavar="N", help="N faulty programs of bench/programs/dev")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first N of those")
    parser.add_argument("--only", action="append", metavar="NAME", help="this one only; may be given again")
    args = parser.parse_args()
    out = sys.stderr if args.json == "-" else sys.stdout
    rows = []
    for script, expected in programs(args):
        rows.append(row := row_of(script, expected, args.seeds))
        print(_line(row) + (f"\n      {row['said']}" if row["said"] else ""), file=out, flush=True)
    total = total_of(rows)
    print(f"{total['as_expected']} of {total['rows']} as expected", file=out)
    if total["ratio_median_of_faulty"] is not None:
        ratio = total["ratio_median_of_faulty"]
        print(f"median ratio of the faulty ones {ratio:.1f} (at most {MOST_RATIO:.0f} wanted)", file=out)
    if args.json:
        text = json.dumps({**total, "programs": rows}, indent=1) + "\n"
        sys.stdout.write(text) if args.json == "-" else Path(args.json).write_text(text)


if __name__ == "__main__":
    main()
