import pytest

from isograd.errors import ScriptError
from isograd.observation.target import Target


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        "train.py",
        "app/__main__.py",
        "wide/__init__.py",
        "pkg/__init__.py",
        "pkg/train.py",
        "pkg/__main__.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "wide" / "__init__.py").write_text("__path__.append('elsewhere')")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "stem", "title", "command"),
    [
        (lambda: Target.script("train.py", ["--lr", "1"]), "train", "train.py", ("train.py", "--lr", "1")),
        (lambda: Target.script("./train.py"), "train", "./train.py", ("./train.py",)),
        (lambda: Target.script("app"), "app", "app", ("app",)),
        (lambda: Target.script("app/"), "app", "app/", ("app/",)),
        (lambda: Target.module("pkg.train", ["x"]), "train", "-m pkg.train", ("-m", "pkg.train", "x")),
        (lambda: Target.module("pkg"), "pkg", "-m pkg", ("-m", "pkg")),
        (lambda: Target.module("pkg.__main__"), "pkg", "-m pkg.__main__", ("-m", "pkg.__main__")),
    ],
)
def test_how_a_target_is_called(target, stem: str, title: str, command: tuple[str, ...]) -> None:
    made = target()
    assert (made.stem, made.title, made.command) == (stem, title, command)


def test_a_script_carries_its_code_under_its_absolute_path(folder) -> None:
    code = Target.script("app/../train.py").code
    assert code is not None
    assert code.co_filename == f"{folder}/app/../train.py"


def test_a_package_that_sets_its_own_path_is_left_to_python() -> None:
    assert Target.module("wide.train").name == "wide.train"


def test_modules_of_packages_without_an_init_are_found(folder) -> None:
    (folder / "projects" / "chat").mkdir(parents=True)
    (folder / "projects" / "chat" / "train.py").write_text("x = 1\n")
    assert Target.module("projects.chat.train").stem == "train"
    with pytest.raises(ScriptError, match=r"no module named projects\.chat\.missing"):
        Target.module("projects.chat.missing")


def test_no_future_of_isograds_is_inherited(folder) -> None:
    (folder / "old.py").write_text("x = 1\n")
    assert Target.script("old.py").code.co_flags & ~0x40 == 0


def test_a_pipe_is_read_once(folder) -> None:
    import os
    import threading

    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: (folder / "pipe").write_text("print('from a pipe')"))
    writer.start()
    assert Target.script("pipe").code is not None
    writer.join()


def test_modules_that_python_keeps_in_itself_are_found() -> None:
    assert Target.module("this").kind == "module"
    with pytest.raises(ScriptError, match="no module named __main__"):
        Target.module("__main__")
