"""The change in the user's words: a patch of the source, run once to see that it trains to the same bits."""

from dataclasses import dataclass
from pathlib import Path

from isograd.facts.trial import Order, Result
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


@dataclass(frozen=True)
class Draft:
    """A change that is to be verified."""

    patch: Patch | None
    """See `Changed`."""
    by_hand: tuple[str, ...]
    """See `Changed`."""
    digest: str
    """Of the treated run."""
    order: Order | None = None
    """How the patched program is run; None where a part of the change is missing in it: that would show nothing."""

    def changed(self, again: Result | None) -> Changed:
        """The change, with the run of the patched program."""
        verified = None if again is None else again.digest == self.digest != ""
        return Changed(self.patch, self.by_hand, verified)


def draft_of(treated: Result, case: Case) -> Draft:
    """Writes the remedies of a treated run into copies of the source.

    Args:
        treated: The run whose remedies are to be written.
        case: The program; its patched form is to be run under the same seed and steps.
    """
    codes = [made.code for made in treated.made if made.code is not None]
    if treated.places is None:
        return Draft(None, tuple(code.advice for code in codes if code.advice), treated.digest)
    found = patch(codes, treated.places, case.subject.folder)
    left = tuple(found.left)
    if not found.files:
        return Draft(None, left, treated.digest)
    if left:
        return Draft(found, left, treated.digest)
    folder = case.options.folder / "patched" / treated.digest[:16]
    _lay_out(found, folder)
    return Draft(found, (), treated.digest, case.order(arm="treated", seed=treated.order.seed, patched=str(folder)))


def _lay_out(found: Patch, folder: Path) -> None:
    """The new sources, each at its absolute path below the folder."""
    for path, content in found.after.items():
        place = folder / Path(path).relative_to(Path(path).anchor)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
