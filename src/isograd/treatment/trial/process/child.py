"""What the process of one trial does: it reads its job, runs it, and leaves a result. It never returns."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from isograd.facts.trial import Result
from isograd.treatment.trial.hearing.output import Output
from isograd.treatment.trial.job import ERRORS, FILES, JOB, OUTPUT, PROGRESS, RESULT, Job
from isograd.treatment.trial.process import carrying
from isograd.treatment.trial.sandbox import Sandbox


def perform(folder: Path) -> NoReturn:
    """Runs the job in a folder, and ends this process.

    Args:
        folder: The trial's; absolute. How many steps were taken stands in its file `PROGRESS`.
    """
    began = time.time()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it kills what it started
    status = 1
    process = os.getpid()
    try:
        job = carrying.read(Job, folder / JOB)
        result = _result(job, folder, _teller(folder / PROGRESS))
        if os.getpid() == process:  # and not a child that the program forked and that ran on to here
            carrying.write(replace(result, seconds=time.time() - began), folder / RESULT)
            status = 0
    except BaseException:  # noqa: BLE001  ours: there is nobody above to hear of it but the trial's own log
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        os._exit(status)  # neither the program's threads nor its exit handlers hold up the next trial


def _result(job: Job, folder: Path, tell_steps: Callable[[int], None]) -> Result:
    """What came of the job; a failure where isograd itself made a mistake."""
    try:
        os.chdir(job.subject.folder)
        sandbox = Sandbox(folder, folder / FILES, job.scratch)
        result = _run(job, folder, tell_steps)
        refused = [f"refused to let the program write {path}" for path in sandbox.refused]
        written = sandbox.written()
        sandbox.clear()
        return replace(result, redirected=written, warnings=(*result.warnings, *refused))
    except Exception as fault:  # noqa: BLE001  told in the result, and in full in the trial's log
        traceback.print_exc()
        return Result(job.order, "failed", f"{type(fault).__name__}: {fault}")


def _run(job: Job, folder: Path, tell_steps: Callable[[int], None]) -> Result:
    if job.subject.kind == "task":
        return _run_task(job, folder, tell_steps)
    from isograd.observation.own_imports import OwnImports
    from isograd.observation.runner import first_path
    from isograd.treatment.trial.script_run import ScriptRun

    first = None if sys.flags.safe_path else first_path(job.subject.target())
    run = ScriptRun(job, folder, OwnImports(first), tell_steps)
    output = Output(folder / OUTPUT, folder / ERRORS, job.order.metric, run.steps)
    return run.run(output)


def _run_task(job: Job, folder: Path, tell_steps: Callable[[int], None]) -> Result:
    from isograd.observation.spec import load, parse
    from isograd.treatment.trial.injection.replaced import Replaced
    from isograd.treatment.trial.task_run import run_task

    Output(folder / OUTPUT, folder / ERRORS, None, lambda: 0)
    with Replaced(job.order.patched):
        task = load(parse(job.subject.name))
        return run_task(task, job.order, folder, job.subject.stem, tell_steps)


def _teller(path: Path) -> Callable[[int], None]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)

    def tell(steps: int) -> None:
        try:
            os.pwrite(file, b"%12d" % steps, 0)
        except OSError:
            return  # a full disk: nobody hears how far it is, and the run goes on

    return tell


def _flush(stream: object) -> None:
    try:
        stream.flush()  # type: ignore[attr-defined]  # whatever the program put there
    except Exception:  # noqa: BLE001  as above
        return
