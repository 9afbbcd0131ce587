import importlib
import sys

import pytest

from isograd.observation.own_imports import OwnImports


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Two folders with modules of the same names, the library's on isograd's path; `sys` is put back afterwards."""
    for folder, names in {"library": ("shared", "only_ours"), "script": ("shared", "only_theirs")}.items():
        for name in names:
            package = tmp_path / folder / name
            package.mkdir(parents=True)
            (package / "__init__.py").write_text(f"where = {folder!r}")
            (package / "part.py").write_text(f"where = {folder!r}")
    (tmp_path / "script" / "json").mkdir()
    modules, path = dict(sys.modules), sys.path[:]
    sys.path[:] = ["", str(tmp_path / "library"), *path[1:]]
    yield tmp_path
    sys.path[:] = path
    for name in sys.modules.keys() - modules.keys():
        del sys.modules[name]
    assert dict(sys.modules) == modules


def where(name: str) -> str:
    return importlib.import_module(name).where


def test_each_gets_its_own_however_often_they_take_turns(folders) -> None:
    before = importlib.import_module("shared.part")
    own_imports = OwnImports(str(folders / "script"))
    own_imports.step_aside()
    sys.path[0] = str(folders / "script")
    assert where("shared.part") == "script"
    theirs = sys.modules["shared.part"]
    for _ in range(2):
        with own_imports():
            assert importlib.import_module("shared.part") is before
            assert where("only_ours") == "library"
            assert "script" not in "".join(sys.path)
        assert sys.modules["shared.part"] is theirs
        assert sys.path[0] == str(folders / "script")


def test_what_only_the_script_has_stays_in_place(folders) -> None:
    own_imports = OwnImports(str(folders / "script"))
    sys.path[0] = str(folders / "script")
    assert where("only_theirs") == "script"
    own_imports.step_aside()
    with own_imports():
        assert "only_theirs" in sys.modules


def test_a_library_that_isograd_imports_first_does_not_stay(folders) -> None:
    own_imports = OwnImports(str(folders / "script"))
    own_imports.step_aside()
    sys.path[0] = str(folders / "script")
    with own_imports():
        assert where("shared") == "library"
    assert where("shared") == "script"


def test_a_folder_without_code_and_frozen_modules_change_nothing(folders) -> None:
    (folders / "script" / "os.py").touch()
    own_imports = OwnImports(str(folders / "script"))
    modules = dict(sys.modules)
    own_imports.step_aside()
    assert sys.modules == modules


def test_without_a_folder_nothing_changes(folders) -> None:
    modules = dict(sys.modules)
    own_imports = OwnImports(None)
    own_imports.step_aside()
    with own_imports():
        assert sys.modules == modules
    assert OwnImports(str(folders / "nowhere"))._names == set()
