import sys
import traceback
import types

import pytest

from isograd.observation import uncaught
from isograd.observation.uncaught import exit_code, show_uncaught, strip


def ours(filename: str = f"{uncaught._HOME}observation/taps.py", name: str = "isograd.observation.taps"):
    """A function that calls another, as if it were one of isograd's."""
    module = types.ModuleType(name)
    exec(compile("def call(act):\n    act()\n", filename, "exec"), module.__dict__)
    return module.call


def raised(act) -> BaseException:
    try:
        act()
    except BaseException as error:  # noqa: BLE001  handed back
        return error
    raise AssertionError("nothing was raised")


def names(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def fail() -> None:
    raise ValueError("user's")


def test_own_frames_go_wherever_they_stand() -> None:
    def user() -> None:
        ours()(lambda: ours()(fail))

    error = raised(lambda: ours()(user))
    strip(error)
    assert names(error) == ["raised", "<lambda>", "user", "<lambda>", "fail"]


def test_own_frames_at_the_end_go_too() -> None:
    def struck() -> None:
        exec(
            compile("raise KeyboardInterrupt", f"{uncaught._HOME}observation/guard.py", "exec"), {"__name__": "isograd"}
        )

    error = raised(struck)
    strip(error)
    assert names(error) == ["raised", "struck"]


def test_causes_contexts_members_and_rings_are_stripped() -> None:
    cause, context, member = (raised(lambda: ours()(fail)) for _ in range(3))
    group = ExceptionGroup("two", [member, ValueError()])
    group.__cause__, group.__context__, context.__context__ = cause, context, group
    strip(group)
    assert [names(error) for error in (cause, context, member)] == [["raised", "<lambda>", "fail"]] * 3


def test_a_module_of_isograd_that_is_the_script_keeps_its_frames() -> None:
    error = raised(lambda: ours(name="__main__")(fail))
    strip(error)
    assert "call" in names(error)


def test_a_traceback_of_nothing_but_own_frames_stays() -> None:
    error = raised(lambda: ours()(fail))
    inner = error.__traceback__
    while inner.tb_frame.f_code.co_name != "call":
        inner = inner.tb_next
    inner.tb_next, error.__traceback__ = None, inner
    strip(error)
    assert names(error) == ["call"]


def test_the_import_frames_next_to_ours_go_too_and_no_others() -> None:
    importing = ours("<frozen importlib._bootstrap>", "importlib._bootstrap")
    alone = raised(lambda: importing(fail))
    strip(alone)
    assert names(alone) == ["raised", "<lambda>", "call", "fail"]
    code = compile("importing(fail)", f"{uncaught._HOME}observation/arming.py", "exec")
    beside = raised(lambda: exec(code, {"importing": importing, "fail": fail}))
    strip(beside)
    assert names(beside) == ["raised", "<lambda>", "fail"]


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (7, 7), (True, 1), (-1, -1)])
def test_exit_codes(code: int | None, status: int) -> None:
    assert exit_code(SystemExit(code)) == status


def test_an_exit_with_a_message_says_it(capsys) -> None:
    assert exit_code(SystemExit("no data")) == 1
    assert capsys.readouterr().err == "no data\n"


def test_a_deleted_hook_is_pythons(monkeypatch, capsys) -> None:
    monkeypatch.delattr(sys, "excepthook")
    assert show_uncaught(raised(fail)) == 1
    assert capsys.readouterr().err.endswith("ValueError: user's\n")
