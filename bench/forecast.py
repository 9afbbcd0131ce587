"""The forecast against what is measured: coverage of its error bar, bias and error, by architecture.

    python bench/forecast.py              a table
    python bench/forecast.py --json -     the same as JSON, with every configuration
    python bench/forecast.py --fit        how far the bars must be widened, on configurations that no table uses

Every configuration is random by its seed: depth, width, activation, initialiser, normalisation, batch. G is measured in
float64 on one batch of standard normal input. What is approximate where is printed below the table.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from forecasting.configurations import ARCHITECTURES, draw
from forecasting.measuring import Compared, compare, root_mean_square
from isograd.theory.finite_width import INFLATION

TRAINING_SEED = 10_000
"""From this seed on configurations are used to fit, before it to report."""
WANTED = 0.98
"""Share of the training configurations that the widened bars are to cover."""


def summary(architecture: str, compared: list[Compared]) -> dict[str, Any]:
    """One row of the table; decades but for shares and counts."""
    errors = [one.error for one in compared]
    covered = sum(one.covered for one in compared)
    return {
        "architecture": architecture,
        "configurations": len(compared),
        "covered": covered,
        "coverage": covered / len(compared),
        "bias": statistics.mean(errors),
        "median_error": statistics.median(abs(error) for error in errors),
        "rms_error": root_mean_square(errors),
        "median_half_bar": statistics.median((one.forecast.high - one.forecast.low) / 2 for one in compared),
        "median_size": statistics.median(abs(one.measured) for one in compared),
        "median_ms": 1e3 * statistics.median(one.seconds for one in compared),
    }


def line(row: dict[str, Any]) -> str:
    """A row as text."""
    return (
        f"{row['architecture']:<12}{row['covered']:>5}/{row['configurations']:<5}{row['coverage']:>7.1%}"
        f"{row['bias']:>+9.3f}{row['median_error']:>9.3f}{row['rms_error']:>9.3f}{row['median_half_bar']:>9.3f}"
        f"{row['median_size']:>9.2f}{row['median_ms']:>8.0f}"
    )


HEAD = f"{'':<12}{'covered':>11}{'share':>7}{'bias':>9}{'median':>9}{'rms':>9}{'bar +-':>9}{'|G|':>9}{'ms':>8}"


def widening(compared: list[Compared]) -> float:
    """The smallest systematic error, in hundredths of a decade, with which the share wanted is covered.

    It takes the bars as they are now, so it is to be run with `bars.SYSTEMATIC` at zero.
    """
    for hundredths in range(200):
        extra = hundredths / 100
        covered = sum(_reach(one, extra) for one in compared)
        if covered >= WANTED * len(compared):
            return extra
    return float("inf")


def _reach(one: Compared, extra: float) -> bool:
    sd = (one.forecast.high - one.forecast.gain) / (2 * INFLATION)
    more = 2 * INFLATION * ((sd * sd + extra * extra) ** 0.5 - sd)
    return one.forecast.low - more <= one.measured <= one.forecast.high + more


def describe(one: Compared) -> dict[str, Any]:
    """One configuration for JSON."""
    return {
        **vars(one.configuration),
        "forecast": one.forecast.gain,
        "low": one.forecast.low,
        "high": one.forecast.high,
        "measured": one.measured,
        "covered": one.covered,
    }


def run(architecture: str, seeds: Iterable[int], width: int | None = None) -> list[Compared]:
    """All configurations of one architecture."""
    drawn = [draw(architecture, seed) for seed in seeds]
    return [compare(replace(one, width=width) if width else one) for one in drawn]


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the figures there; - for standard output")
    parser.add_argument("--count", type=int, default=200, help="configurations of each architecture")
    parser.add_argument("--width", type=int, help="units or channels of all, in place of random ones up to 256")
    parser.add_argument("--only", choices=ARCHITECTURES, action="append", help="of these architectures only")
    parser.add_argument("--fit", action="store_true", help="print how far the bars must be widened")
    options = parser.parse_args()
    torch.set_num_threads(1)
    start = TRAINING_SEED if options.fit else 0
    rows, notes, configurations = [], {}, []
    table = sys.stderr if options.json == "-" else sys.stdout
    print(HEAD, file=table)
    for architecture in options.only or ARCHITECTURES:
        compared = run(architecture, range(start, start + options.count), options.width)
        rows.append(summary(architecture, compared))
        configurations += [describe(one) for one in compared]
        notes[architecture] = sorted({note.en for one in compared for note in one.forecast.notes})
        print(line(rows[-1]), file=table, flush=True)
        if options.fit:
            print(f"{'':<12}systematic error of {widening(compared):.2f} decade covers {WANTED:.0%}", file=table)
    for architecture, remarks in notes.items():
        for remark in remarks:
            print(f"{architecture}: {remark}", file=table)
    if options.json:
        text = json.dumps({"rows": rows, "approximate": notes, "configurations": configurations}, indent=1)
        if options.json == "-":
            print(text)
        else:
            Path(options.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
