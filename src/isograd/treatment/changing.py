"""The change in the user's words: a patch of the source, run once to see that it trains to the same bits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from isograd.facts.trial import Order, Result
from isograd.treatment.patch.patching import patch
from isograd.treatment.patch.result import Patch
from isograd.treatment.series import Series


@dataclass(frozen=True)
class Changed:
    """What the user would change, and whether that does what the treated run did."""

    patch: Patch | None
    """The change; None where nothing of it could be rewritten."""
    by_hand: tuple[str, ...]
    """Lines that the user has to place."""
    verified: bool | None
    """True if the patched program trained to the same bits; None where it was not run."""


def change_of(treated: Result, order: Order, series: Series) -> Changed:
    """Writes the remedies of a treated run into the source, and runs the patched program without them.

    Args:
        treated: The run whose remedies are to be written.
        order: The same order without doses; the patched program is run under it.
        series: Runs trials.
    """
    codes = [made.code for made in treated.made if made.code is not None]
    if treated.places is None or not codes:
        return Changed(None, _lines([code.advice for code in codes]), None)
    found = patch(codes, treated.places)
    if not found.files:
        return Changed(None, tuple(found.left), None)
    if found.left:  # a part of the change is missing in it: running it would show nothing
        return Changed(found, tuple(found.left), None)
    folder = series.folder_of(order).parent / "patched"
    _lay_out(found, folder)
    again = series.run("patch", [replace(order, patched=str(folder))])[0]
    return Changed(found, (), again.digest == treated.digest != "")


def _lay_out(found: Patch, folder: Path) -> None:
    """The new sources, each at its absolute path below the folder."""
    for path, content in found.after.items():
        place = folder / Path(path).relative_to(Path(path).anchor)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _lines(advice: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in advice if text)
