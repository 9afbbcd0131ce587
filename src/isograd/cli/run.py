"""`isograd run`: an unmodified script, watched. What it needs is imported when it is called, so that help is quick."""

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from isograd.cli.console import on_terminal
from isograd.cli.options import Share, output_options, outputs

_EPILOG = """Options after the script's name are the script's. Under torchrun, `-m isograd run` takes the script's
place: every rank records into DIR/rank-N, and rank 0 alone draws, prints and reports."""


@click.command(
    short_help="Watch an unmodified training script.",
    context_settings={"allow_interspersed_args": False},
    epilog=_EPILOG,
)
@click.option("-m", "as_module", is_flag=True, help="SCRIPT is the name of a module, as after python -m.")
@click.option("--out", metavar="DIR", help="Folder of the record. [default: .isograd/runs/<time>-<name>]")
@click.option(
    "--budget",
    type=Share(),
    default="1%",
    show_default=True,
    metavar="SHARE",
    help="Share of the run's time that watching may take, as 1% or 0.01.",
)
@click.option("--no-live", is_flag=True, help="Draw no vitals on the terminal while it trains.")
@output_options
@click.argument("script", type=click.UNPROCESSED)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def run(
    script: str, args: tuple[str, ...], as_module: bool, out: str | None, budget: float, no_live: bool, **rest: Any
) -> Callable[[], NoReturn]:
    """Run an unmodified training SCRIPT, watch its gradients, and say what is wrong."""
    from isograd.cli.folder import choose
    from isograd.cli.job import watch
    from isograd.cli.ranks import rank_of
    from isograd.cli.watcher import Plan
    from isograd.observation.target import Target

    target = Target.module(script, args) if as_module else Target.script(script, args)
    asked = outputs(**rest)
    rank = rank_of(os.environ)
    reports = rank is None or rank.number == 0
    live = reports and not no_live and not asked.quiet and on_terminal(sys.stderr)
    plan = Plan(target, choose(out, target.stem, rank), budget, live, asked)
    return lambda: watch(plan, reports)
