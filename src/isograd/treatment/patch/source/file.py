"""A source file as it lies on the disk: bytes, encoding, line ends."""

import codecs
import hashlib
import io
import os
import re
import sysconfig
import tokenize
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from isograd.treatment.patch.unplaced import Unplaced

_LINE_END = re.compile(r"\r\n|\r|\n")
_FOREIGN = ("site-packages", "dist-packages")
_STANDARD = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))


@dataclass(frozen=True)
class Source:
    """One file."""

    path: str
    """Absolute path."""
    content: bytes
    """As read."""
    encoding: str
    """As Python would decode it, from the mark of byte order or the coding comment."""

    @cached_property
    def text(self) -> str:
        """Its characters, line ends as they are, without a byte order mark."""
        return self.content.removeprefix(self._mark).decode(self.encoding)

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()

    def encode(self, text: str) -> bytes:
        """The content that another text would have in this file.

        Raises:
            UnicodeEncodeError: The file's encoding has no such character.
        """
        return self._mark + text.encode(self.encoding)

    @property
    def _mark(self) -> bytes:
        return codecs.BOM_UTF8 if self.content.startswith(codecs.BOM_UTF8) else b""

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset in the text of each line's first character."""
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def offset(self, line: int, column: int) -> int:
        """Offset in the text of a position, counted as in `Position`.

        >>> Source("x.py", "ä = 1\\r\\nbö = 2".encode(), "utf-8").offset(2, 4)
        10
        """
        start = self.line_starts[line - 1]
        before = self.text[start : start + column].encode("utf-8")[:column]
        return start + len(before.decode("utf-8", "ignore"))

    def line_at(self, offset: int) -> int:
        """Offset of the first character of the line that an offset is in."""
        return self.line_starts[bisect_right(self.line_starts, offset) - 1]

    def line_end(self, offset: int) -> tuple[int, str]:
        """Where the line ends that an offset is in, and what ends it; empty at the end of the file."""
        found = _LINE_END.search(self.text, offset)
        return (found.start(), found[0]) if found else (len(self.text), "")


def read(path: str) -> Source:
    """Reads a file.

    Raises:
        Unplaced: There is no such file, or it is no text.
    """
    try:
        with open(path, "rb") as opened:
            content = opened.read()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        content.decode(encoding)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise Unplaced(f"{path} cannot be read: {error}") from error
    return Source(path, content, encoding)


def check_own(path: str, homes: tuple[str, ...]) -> None:
    """Refuses files that are not the user's to change.

    Raises:
        Unplaced: With the reason.
    """
    if not os.path.isfile(path):
        raise Unplaced(f"{path} is no file: the code was generated while the program ran")
    real = os.path.realpath(path)
    inside = any(real.startswith(os.path.realpath(home).rstrip(os.sep) + os.sep) for home in homes)
    if not inside or is_library(real):
        raise Unplaced(f"{path} is code of a library")


def is_library(path: str) -> bool:
    """True for files of Python itself and of installed packages."""
    return bool(set(_FOREIGN) & set(path.split(os.sep))) or path.startswith(_STANDARD)


def homes_of(script: str, current: str) -> tuple[str, ...]:
    """The user's folders: the current one, the script's, and that of the repository around the script."""
    folder = os.path.dirname(os.path.realpath(script)) if script else current
    repository = folder
    while not os.path.exists(os.path.join(repository, ".git")):
        if repository == os.path.dirname(repository):
            return (current, folder)
        repository = os.path.dirname(repository)
    return (current, folder, repository)
