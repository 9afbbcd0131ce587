"""What a patch is."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patch:
    """The change in the user's own source."""

    diff: str = ""
    """Unified diff, for `git apply` or `patch -p1` in `root`; `diff.encode("utf-8", "surrogateescape")` are its bytes
    where a file is not UTF-8. Empty if nothing could be placed."""
    files: Mapping[str, str] = field(default_factory=dict)
    """New text of each changed file, by absolute path, with the line ends that the file has."""
    left: tuple[str, ...] = ()
    """Lines to write by hand for what has no place in the user's source, each reason as a comment."""
    root: str = ""
    """The folder that the paths in the diff are relative to."""
    before: Mapping[str, bytes] = field(default_factory=dict)
    """Content of each changed file when the patch was made."""
    after: Mapping[str, bytes] = field(default_factory=dict)
    """Content that each is to have."""
