"""What watching costs: every model under every way of watching, against the same steps unwatched.

    python bench/overhead.py              a table
    python bench/overhead.py --json -     the same as JSON, with the machine

Each way of watching runs in a process of its own, on one model, in pairs of neighbouring blocks of steps, one watched
and one not; so each ratio is paired within one run. `none` against `none` shows how far the clock can be trusted.
`--clock cpu` counts processor time instead, which is steadier where others use the machine. wandb and TensorBoard are
tried if they are installed: pip install '.[bench]'. `counted` is what isograd itself says it took, once settled.
"""

import argparse
import json
import multiprocessing
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from watching.methods import METHODS
from watching.models import MODELS
from watching.pairing import CLOCKS, Measured, Plan, counted_share, measure, ratio

NEEDS = {"wandb-watch": "wandb", "tensorboard": "tensorboard"}
"""Ways of watching that need a package which isograd does not."""
START_STEPS = 200
"""What is settled leaves out these first watched steps: isograd looks closely at the start, whatever it costs."""
Row = dict[str, Any]


def machine(plan: Plan) -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": plan.threads,
        "clock": plan.clock,
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def measure_apart(model: str, method: str, plan: Plan) -> Measured:
    """`measure` in a fresh process, so that its memory and its hooks are its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(measure, model, method, plan).result()


def make_row(model: str, method: str, plan: Plan) -> Row:
    """One line of the table; `note` says why there are no figures."""
    if method in NEEDS and find_spec(NEEDS[method]) is None:
        return {"model": model, "method": method, "note": f"{NEEDS[method]} is not installed"}
    measured = measure_apart(model, method, plan)
    steps = plan.rounds * plan.block
    start = min(START_STEPS // plan.block, plan.rounds // 2)
    return {
        "model": model,
        "method": method,
        "ratio": ratio(measured),
        "ratio_settled": ratio(measured, skip=start),
        "counted_share_settled": counted_share(measured, skip=start),
        "peak_mib": round(measured.peak_mib, 1),
        "record_bytes_per_step": round(measured.recorded_bytes / steps, 1),
        "step_ms": round(1e3 * float(measured.plain_seconds.sum()) / steps, 2),
        "steps": steps,
    }


def line(row: Row) -> str:
    """A row as text."""
    head = f"{row['model']:<5} {row['method']:<12}"
    if "note" in row:
        return f"{head} {row['note']}"
    r, share = row["ratio"], row["counted_share_settled"]
    counted = "" if share is None else f"{100 * share:.2f} %"
    return (
        f"{head} {r['median']:7.4f}  [{r['low']:.4f}, {r['high']:.4f}] {row['ratio_settled']['median']:8.4f}"
        f" {counted:>8} {row['step_ms']:9.2f} {row['peak_mib']:9.1f} {row['record_bytes_per_step']:13.1f}"
    )


def main() -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON; - for standard output")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="pairs of blocks")
    parser.add_argument("--block", type=int, default=Plan.block, help="steps a block")
    parser.add_argument("--threads", type=int, default=Plan.threads, help="threads of torch")
    parser.add_argument("--clock", choices=CLOCKS, default=Plan.clock)
    args = parser.parse_args()
    plan = Plan(rounds=args.rounds, block=args.block, threads=args.threads, clock=args.clock)

    out = sys.stderr if args.json == "-" else sys.stdout
    print(
        f"{'model':<5} {'method':<12}   ratio  95 % interval     settled  counted   step, ms peak, MiB  bytes a step",
        file=out,
    )
    rows = []
    for model in args.models:
        for method in args.methods:
            rows.append(make_row(model, method, plan))
            print(line(rows[-1]), file=out, flush=True)
    if args.json:
        text = json.dumps({"machine": machine(plan), "rows": rows}, indent=1) + "\n"
        sys.stdout.write(text) if args.json == "-" else Path(args.json).write_text(text)


if __name__ == "__main__":
    main()
