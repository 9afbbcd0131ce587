import importlib
import importlib.util
import os
import sys
import threading

import pytest

from isograd.observation.arming import after_import


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of that name can be imported; what it was is forgotten afterwards."""

    def make(source: str) -> str:
        folder = tmp_path / "awaited"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text(source)
        (folder / "part.py").write_text("import awaited; done_before_parts = awaited.done")
        return "awaited"

    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    yield make
    assert sys.meta_path == finders
    for name in [name for name in sys.modules if name.partition(".")[0] == "awaited"]:
        del sys.modules[name]


def test_it_acts_once_after_the_module_is_complete(package) -> None:
    name = package("done = False\nimport sys\nseen = (__loader__, __spec__.loader)\ndone = True")
    seen = []
    after_import(name, lambda: seen.append(sys.modules[name].done))
    assert seen == []
    module = importlib.import_module(f"{name}.part")
    assert module.done_before_parts
    importlib.reload(sys.modules[name])
    assert seen == [True]


def test_the_module_keeps_its_own_loader(package) -> None:
    name = package("done = True\nseen = (__loader__, __spec__.loader)")
    own = importlib.util.find_spec(name).loader
    after_import(name, lambda: None)
    looked_for = importlib.util.find_spec(name)
    assert looked_for.loader.get_filename(name) == own.get_filename(name)
    module = importlib.import_module(name)
    assert {type(loader) for loader in (*module.seen, module.__loader__, module.__spec__.loader)} == {type(own)}


def test_a_failed_import_can_be_tried_again(package) -> None:
    name = package("raise ValueError('not yet')")
    seen = []
    after_import(name, lambda: seen.append(1))
    with pytest.raises(ValueError, match="not yet"):
        importlib.import_module(name)
    assert seen == []
    package("done = True  # of another size")
    importlib.invalidate_caches()
    importlib.import_module(name)
    assert seen == [1]


def test_a_missing_module_stays_missing(package) -> None:
    disarm = after_import("awaited", lambda: None)
    with pytest.raises(ModuleNotFoundError, match="No module named 'awaited'"):
        importlib.import_module("awaited")
    disarm()
    disarm()


def test_disarmed_it_does_nothing(package) -> None:
    seen = []
    after_import(package("done = True"), lambda: seen.append(1))()
    importlib.import_module("awaited")
    assert seen == []


def test_what_is_imported_already_acts_at_once() -> None:
    seen = []
    after_import("sys", lambda: seen.append(1))()
    assert seen == [1]


def test_the_import_in_another_thread_acts_there(package) -> None:
    seen = []
    after_import(package("done = True"), lambda: seen.append(threading.current_thread().name))
    thread = threading.Thread(target=importlib.import_module, args=("awaited",), name="importing")
    thread.start()
    thread.join()
    assert seen == ["importing"]


def test_a_forked_child_does_not_act(package) -> None:
    name, seen = package("done = True"), []
    disarm = after_import(name, lambda: seen.append(1))
    child = os.fork()
    if child == 0:
        importlib.import_module(name)
        os._exit(len(seen))
    assert os.waitpid(child, 0)[1] == 0
    disarm()


def test_several_may_wait_for_the_same_module(tmp_path, monkeypatch):
    (tmp_path / "awaited_twice.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    seen = []
    for number in range(3):
        after_import("awaited_twice", lambda number=number: seen.append(number))
    importlib.import_module("awaited_twice")
    assert sorted(seen) == [0, 1, 2]
