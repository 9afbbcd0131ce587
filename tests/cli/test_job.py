"""What goes wrong after the script has ended costs the report, never the script's own result."""

import pytest

from isograd.cli import job
from isograd.cli.folder import choose
from isograd.cli.options import Outputs
from isograd.cli.watcher import Plan
from isograd.observation.runner import Outcome
from isograd.observation.target import Target


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Calls the job with a script, a watcher and a report that only pretend."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").touch()

    def build(outcome: Outcome, report=lambda: 0, debug: bool = False, fault: BaseException | None = None) -> int:
        class Watcher:
            def __init__(self, *_: object) -> None:
                self.arm = self.hush = lambda: None

            def finish(self, outcome: Outcome) -> None:
                if fault is not None:
                    raise fault

        monkeypatch.setattr(job, "Watcher", Watcher)
        monkeypatch.setattr(job, "run_script", lambda target, ended: outcome)
        monkeypatch.setattr(job, "conclude", lambda *_: report())
        outputs = Outputs(None, None, "en", False, "never", debug)
        target = Target.script("train.py")
        with pytest.raises(SystemExit) as ended:
            job.watch(Plan(target, choose(None, "train", None), 0.01, False, outputs), True)
        return ended.value.code

    return build


@pytest.mark.parametrize(("own", "reports", "status"), [(0, 0, 0), (0, 3, 3), (1, 3, 1), (7, 0, 7)])
def test_the_scripts_own_status_wins(call, own: int, reports: int, status: int) -> None:
    assert call(Outcome(own, "", False, False), lambda: reports) == status


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("own", [0, 4])
def test_a_fault_in_the_report_is_said_and_no_more(call, capsys, own: int, debug: bool) -> None:
    def fail() -> int:
        raise ZeroDivisionError("in a chart")

    assert call(Outcome(own, "", False, False), fail, debug) == own
    *before, last = capsys.readouterr().err.splitlines()
    assert last.startswith("isograd: the report could not be made, the script's own result stands: ZeroDivisionError")
    assert bool(before) == debug


def test_a_fault_in_the_sessions_end_is_said_and_no_more(call, capsys) -> None:
    assert call(Outcome(0, "", False, False), fault=RuntimeError("no end")) == 0
    assert "RuntimeError: no end" in capsys.readouterr().err


@pytest.mark.parametrize(("own", "status"), [(0, 130), (4, 4)])
def test_ctrl_c_leaves_the_report_out(call, capsys, own: int, status: int) -> None:
    assert call(Outcome(own, "", False, False), fault=KeyboardInterrupt()) == status
    assert capsys.readouterr().err == ""


def test_a_forked_child_reports_nothing(call) -> None:
    assert call(Outcome(0, "", False, True), lambda: 3) == 0
