"""The command line: parse, call, draw. Nothing here imports torch, and `isograd --help` imports next to nothing."""

from isograd.cli.program import main

__all__ = ["main"]
