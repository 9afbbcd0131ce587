"""The examples in docstrings are run."""

import doctest
import importlib
import os
import pkgutil

import pytest

import isograd

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(isograd.__path__, "isograd.")
    if not found.name.endswith(("__main__", "process.serving"))  # run as scripts
    and not found.name.startswith("isograd.theory")  # has its own
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", sorted(set(isograd.__all__) - {"IsogradError", "__version__"}))
def test_what_is_offered_has_an_example(name):
    assert ">>> " in (getattr(isograd, name).__doc__ or "")
