"""Puts a patch into the user's files."""

import os
import tempfile

from isograd.errors import IsogradError
from isograd.treatment.patch.result import Patch


def write(patch: Patch) -> tuple[str, ...]:
    """Writes the changed files: each in one step, with the permissions that it has; links are followed.

    Args:
        patch: What `patching.patch` made.

    Returns:
        Paths of the files that were written.

    Raises:
        IsogradError: A file has changed since the patch was made, or cannot be written; then none is.
    """
    for path, content in patch.before.items():
        if _content(path) != content:
            raise IsogradError(f"{path} has changed since it was read; nothing was written. Run the cure again.")
    prepared: list[tuple[str, str]] = []
    try:
        for path, content in patch.after.items():
            real = os.path.realpath(path)
            prepared.append((_beside(real, content), real))
        for temporary, real in prepared:
            os.replace(temporary, real)
    except OSError as error:
        raise IsogradError(f"{error.filename or 'a file'} cannot be written: {error.strerror or error}") from error
    finally:
        for temporary, _ in prepared:
            if os.path.exists(temporary):
                os.unlink(temporary)
    return tuple(patch.after)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as opened:
            return opened.read()
    except OSError:
        return None


def _beside(path: str, content: bytes) -> str:
    """A new file in the same folder with the content, on the disk, and the permissions of the old one."""
    number, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
    try:
        with os.fdopen(number, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        os.chmod(temporary, os.stat(path).st_mode & 0o7777)
    except OSError:
        os.unlink(temporary)
        raise
    return temporary
