import doctest
import importlib
import pkgutil

import pytest

import isograd.theory

MODULES = ["isograd.theory", *(f"isograd.theory.{info.name}" for info in pkgutil.iter_modules(isograd.theory.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_every_module_but_the_list_of_names_has_an_example():
    attempted = {name: doctest.testmod(importlib.import_module(name)).attempted for name in MODULES}
    assert [name for name, count in attempted.items() if count == 0] == ["isograd.theory"]
