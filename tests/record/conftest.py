"""Lets the tests of this folder import `record_facts`, which pytest's importlib mode does not do by itself."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def open_writer(tmp_path):
    """Opens writers and closes them after the test."""
    from record_facts import RUN

    from isograd.record import RecordWriter
    from isograd.record.store import Limits

    opened = []

    def build(path=tmp_path / "record.sqlite", run=RUN, **limits):
        opened.append(RecordWriter(path, run, Limits(**limits)))
        return opened[-1]

    yield build
    for writer in opened:
        writer.close()
