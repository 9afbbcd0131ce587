"""From remedies' code and the positions of a run to a patch of the user's source."""

import os
from collections.abc import Sequence

from isograd.facts.treatment import OPTIMIZER, Code, Places
from isograd.treatment.patch.diffing import diff_of, root_for
from isograd.treatment.patch.left_over import left_over
from isograd.treatment.patch.lines.fitting import Fitting
from isograd.treatment.patch.lines.model_lines import place_model_lines
from isograd.treatment.patch.lines.optimizer_lines import OptimizerPlace
from isograd.treatment.patch.lines.step_lines import StepLines, place_step_lines
from isograd.treatment.patch.lines.swapping import place_swap
from isograd.treatment.patch.result import Patch
from isograd.treatment.patch.unplaced import Unplaced
from isograd.treatment.patch.workspace import Workspace, workspace


def patch(codes: Sequence[Code], places: Places, current: str | None = None) -> Patch:
    """Writes remedies into the user's source, in order; each wholly or not at all.

    Nothing is written to disk; see `writing.write`.

    Args:
        codes: What remedies say of themselves.
        places: What a run of the unchanged source left.
        current: The folder that the diff is for; None for the current one.

    Returns:
        The diff, and the lines of what could not be placed.
    """
    current = os.path.abspath(current or os.getcwd())
    space = workspace(places, current)
    left: list[str] = []
    for code in codes:
        try:
            space = _with(code, space)
        except Unplaced as reason:
            left += left_over(code, reason)
    files = {path: draft.text() for path, draft in space.drafts.items() if draft.changed}
    before = {path: space.drafts[path].source.content for path in files}
    after = {path: space.drafts[path].source.encode(text) for path, text in files.items()}
    root = root_for(files, current) if files else current
    return Patch(diff_of(before, after, root), files, tuple(left), root, before, after)


def _with(code: Code, space: Workspace) -> Workspace:
    """The files with one more remedy.

    Raises:
        Unplaced: A part of it has no place.
    """
    parts = (code.swaps, code.before_optimizer, code.after_optimizer, code.before_step, code.after_step)
    if not any(parts):
        if code.advice:
            raise Unplaced("no line of the source was seen that it could be written at")
        return space
    try:
        return _attempt(code, space, with_swaps=bool(code.swaps))
    except Unplaced:
        if not code.swaps or not (code.before_optimizer or (_of_optimizer(code) and code.after_optimizer)):
            raise
    return _attempt(code, space, with_swaps=False)


def _of_optimizer(code: Code) -> bool:
    """True if only the call that makes the optimizer is swapped: the lines after it then stand for the swap."""
    return bool(code.swaps) and all(swap.position == OPTIMIZER for swap in code.swaps)


def _attempt(code: Code, space: Workspace, with_swaps: bool) -> Workspace:
    space, fitting = space.branch(), Fitting(code)
    swaps = code.swaps if with_swaps else ()
    for number, swap in enumerate(swaps):
        if swap not in swaps[:number]:  # one call that many modules came from is swapped once
            place_swap(space, fitting, swap)
    lines = code.beside_swaps if with_swaps else code.before_optimizer
    if lines.strip():
        place_model_lines(space, fitting, lines, code.keeps_parameters)
    steps = StepLines(code.before_step, code.after_step)
    afterwards = "" if with_swaps and _of_optimizer(code) else code.after_optimizer
    if steps.before.strip() or steps.after.strip():
        place_step_lines(space, fitting, steps, afterwards)
    elif afterwards.strip():
        OptimizerPlace(space, "{model}" in afterwards).add(fitting, afterwards)
    for draft in space.drafts.values():
        draft.text()  # what does not fit together, or does not compile, is found here
    return space
