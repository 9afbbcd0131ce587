"""The files of a program that is being changed, and what its run left of them."""

import os
from dataclasses import dataclass, field

from isograd.facts.treatment import Places
from isograd.treatment.patch.source.draft import Draft, opened
from isograd.treatment.patch.source.file import check_own, homes_of, read
from isograd.treatment.patch.unplaced import Unplaced


@dataclass
class Workspace:
    """Drafts by path, opened when they are first needed."""

    places: Places
    """Positions that the run left."""
    homes: tuple[str, ...]
    """Folders whose files are the user's own."""
    drafts: dict[str, Draft] = field(default_factory=dict)
    """By absolute path."""

    def open(self, path: str) -> Draft:
        """The draft of a file.

        Raises:
            Unplaced: The file is not the user's, has changed since it was run, or cannot be parsed.
        """
        if path not in self.drafts:
            check_own(path, self.homes)
            source = read(path)
            if self.places.digests.get(path, source.digest) != source.digest:
                raise Unplaced(f"{path} has changed since it was run")
            self.drafts[path] = opened(source)
        return self.drafts[path]

    def branch(self) -> "Workspace":
        """A copy that can be given up."""
        return Workspace(self.places, self.homes, {path: draft.branch() for path, draft in self.drafts.items()})


def workspace(places: Places, current: str | None = None) -> Workspace:
    """Files as they are.

    Args:
        places: Positions that a run left.
        current: The folder that counts as the user's besides the script's; None for the current one.
    """
    return Workspace(places, homes_of(places.script, current or os.getcwd()))
