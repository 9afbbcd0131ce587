import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def nets():
    """The simulated networks of `random_nets.py`; importlib mode has no sibling imports."""
    spec = importlib.util.spec_from_file_location("random_nets", Path(__file__).with_name("random_nets.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
