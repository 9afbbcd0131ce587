"""One watched run, from the command line's words to the end of the process."""

import os
import sys
import traceback
from typing import NoReturn

from isograd.cli import sentences
from isograd.cli.closing import say
from isograd.cli.conclusion import Desk, conclude
from isograd.cli.console import INTERRUPTED_STATUS
from isograd.cli.watcher import Plan, Watcher
from isograd.observation.calm_numbers import calm_numbers
from isograd.observation.own_imports import OwnImports
from isograd.observation.runner import Outcome, first_path, leave, run_script


def watch(plan: Plan, reports: bool) -> NoReturn:
    """Runs the script, reports, and ends the process as the script would have ended it.

    Args:
        plan: What to watch.
        reports: False on a rank that only records.
    """
    own_imports = OwnImports(None if sys.flags.safe_path else first_path(plan.target))
    watcher = Watcher(plan, own_imports)
    desk = Desk(os.getcwd(), sys.stdout, sys.stderr)
    own_imports.step_aside()
    watcher.arm()
    outcome = run_script(plan.target, watcher.hush)
    status = outcome.status
    if not outcome.forked:
        with own_imports(), calm_numbers():
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
