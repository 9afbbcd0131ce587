"""`isograd run`: an unmodified script, watched."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import click

from isograd.cli import sentences
from isograd.cli.closing import say
from isograd.cli.conclusion import Desk, conclude
from isograd.cli.console import INTERRUPTED_STATUS, on_terminal
from isograd.cli.folder import choose
from isograd.cli.options import Share, output_options, outputs
from isograd.cli.own_imports import own_imports, own_path
from isograd.cli.ranks import rank_of
from isograd.cli.watcher import Plan, Watcher
from isograd.observation.runner import Outcome, leave, run_script
from isograd.observation.target import Target

_EPILOG = """Options after the script's name are the script's. Under torchrun, `-m isograd run` takes the script's
place: every rank records into DIR/rank-N, and rank 0 alone draws, prints and reports."""


@click.command(context_settings={"allow_interspersed_args": False}, epilog=_EPILOG)
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
    """Run an unmodified training SCRIPT, watch what its optimizers update, and print what is wrong."""
    target = Target.module(script, args) if as_module else Target.script(script, args)
    asked = outputs(**rest)
    rank = rank_of(os.environ)
    reports = rank is None or rank.number == 0
    live = reports and not no_live and not asked.quiet and on_terminal(sys.stderr)
    plan = Plan(target, choose(out, target.stem, rank), budget, live, asked)
    return lambda: _watch(plan, reports)


def _watch(plan: Plan, reports: bool) -> NoReturn:
    """Runs the script and ends the process as the script would have ended it."""
    watcher, path = Watcher(plan), own_path()
    desk = Desk(os.getcwd(), sys.stdout, sys.stderr)
    watcher.arm()
    outcome = run_script(plan.target, watcher.hush)
    status = outcome.status
    if not outcome.forked:
        with own_imports(path):
            found = _conclude(plan, watcher, outcome, desk if reports else None)
        status = status or found
    leave(outcome, status)


def _conclude(plan: Plan, watcher: Watcher, outcome: Outcome, desk: Desk | None) -> int:
    """Ends the watching and reports; whatever goes wrong, the script's own result stands."""
    try:
        record = watcher.finish(outcome)
        return 0 if desk is None else conclude(plan, watcher, outcome, record, desk)
    except KeyboardInterrupt:
        return INTERRUPTED_STATUS
    except Exception as fault:  # noqa: BLE001  ours, whatever it is
        stream = desk.stderr if desk is not None else sys.stderr
        if plan.outputs.debug:
            traceback.print_exc(file=stream)
        say(sentences.no_report(f"{type(fault).__name__}: {fault}"), plan.outputs, stream)
        return 0
