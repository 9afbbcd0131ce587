"""The change in the user's words: a patch of the source, run once to see that it trains to the same bits."""

from dataclasses import dataclass
from pathlib import Path

from isograd.facts.trial import Result
from isograd.treatment.curing.case import Case
from isograd.treatment.patch.patching import patch
from isograd.treatment.patch.result import Patch


@dataclass(frozen=True)
class Changed:
    """What the user would change, and whether that does what the treated run did."""

    patch: Patch | None
    """The change; None where nothing of it could be rewritten."""
    by_hand: tuple[str, ...]
    """Lines that the user has to place."""
    verified: bool | None
    """True if the patched program trained to the same bits; None where it was not run."""


UNCHANGED = Changed(None, (), None)
"""No change at all."""


def change_of(treated: Result, case: Case) -> Changed:
    """Writes the remedies of a treated run into the source, and runs the patched program without them.

    Args:
        treated: The run whose remedies are to be written.
        case: The program; its patched form is run under the same seed and steps.
    """
    codes = [made.code for made in treated.made if made.code is not None]
    if treated.places is None:
        return Changed(None, tuple(code.advice for code in codes if code.advice), None)
    found = patch(codes, treated.places, case.subject.folder)
    if not found.files:
        return Changed(None, tuple(found.left), None)
    if found.left:  # a part of the change is missing in it: running it would show nothing
        return Changed(found, tuple(found.left), None)
    folder = case.options.folder / "patched"
    _lay_out(found, folder)
    order = case.order(arm="treated", seed=treated.order.seed, patched=str(folder))
    again = case.series.run("patch", [order])[0]
    return Changed(found, (), again.digest == treated.digest != "")


def _lay_out(found: Patch, folder: Path) -> None:
    """The new sources, each at its absolute path below the folder."""
    for path, content in found.after.items():
        place = folder / Path(path).relative_to(Path(path).anchor)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
