import doctest
import importlib
import pkgutil

import pytest

import isograd.theory

MODULES = [info.name for info in pkgutil.iter_modules(isograd.theory.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_examples_and_they_run(name):
    failed, attempted = doctest.testmod(importlib.import_module(f"isograd.theory.{name}"))
    assert attempted > 0
    assert failed == 0
