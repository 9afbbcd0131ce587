"""`isograd cure` on every example: is the faulty one cured, the healthy one left alone, and what does it cost?

    python bench/cures.py              a table
    python bench/cures.py --json -     the same as JSON
    python bench/cures.py relu_dies    only this one

The cost is the time of the whole cure over that of one plain run of the script (the median of three), measured in the
same minutes on the same machine.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FAULTY = ("mnist_sigmoid_mlp", "digits_rnn_exploding", "clipped_rnn_hidden_explosion", "relu_dies")
HEALTHY = ("healthy_cnn", "healthy_transformer", "lbfgs_regression")
PLAIN_RUNS = 3


def timed(command: list[str], folder: Path) -> tuple[float, "subprocess.CompletedProcess[str]"]:
    """Seconds of a command, and what it said."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return time.perf_counter() - started, done


def row_of(name: str) -> dict[str, Any]:
    """One example, cured in a folder of its own."""
    script = str(EXAMPLES / f"{name}.py")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plain = [timed([sys.executable, script], folder)[0] for _ in range(PLAIN_RUNS)]
        command = [sys.executable, "-m", "isograd", "cure", "--quiet", "--json", "-", script]
        seconds, done = timed(command, folder)
        if not done.stdout:
            raise SystemExit(f"{name}: {done.stderr}")
    verdict = json.loads(done.stdout)["verdict"]
    faulty = name in FAULTY
    wanted = verdict["outcome"] == ("cured" if faulty else "no-remedy-needed")
    return {
        "example": name,
        "faulty": faulty,
        "as_wanted": wanted and (not faulty or verdict["patch_verified"] is True),
        **{key: verdict[key] for key in ("outcome", "remedies", "effect", "patch_verified", "trials", "metric")},
        "seconds": round(seconds, 1),
        "plain_seconds": round(statistics.median(plain), 2),
        "ratio": round(seconds / statistics.median(plain), 2),
    }


def main() -> int:
    """Cures the examples and prints a row each; exit status 1 if one does not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join((*FAULTY, *HEALTHY))}")
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON; - for standard output")
    args = parser.parse_args()
    out = sys.stderr if args.json == "-" else sys.stdout
    rows = []
    for name in args.names or (*FAULTY, *HEALTHY):
        rows.append(row := row_of(name))
        words = f"{row['outcome']:<18}{' + '.join(row['remedies']):<28}"
        word = "ok" if row["as_wanted"] else "WRONG"
        print(f"{word:<6}{name:<30}{words}{row['ratio']:>6.1f} x{row['trials']:>4} runs", file=out, flush=True)
    ratios = [row["ratio"] for row in rows if row["faulty"]]
    if ratios:
        print(f"median cost of a faulty one: {statistics.median(ratios):.1f} plain runs", file=out)
    if args.json:
        text = json.dumps({"rows": rows}, indent=2) + "\n"
        if args.json == "-":
            sys.stdout.write(text)
        else:
            Path(args.json).write_text(text, encoding="utf-8")
    return 0 if all(row["as_wanted"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
