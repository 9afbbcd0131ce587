"""Scripts that diverge, fail on the way, or train several modules are cured; what cannot be is told why."""

import math
import subprocess
import sys
from pathlib import Path

import pytest
import scripts

from isograd.cli.cure_options import options_of
from isograd.errors import UsageError
from isograd.facts.trial import MetricPattern, Order
from isograd.observation.target import Target
from isograd.treatment.curing.cure import cure
from isograd.treatment.curing.options import Options
from isograd.treatment.patch.writing import write
from isograd.treatment.trial import Subject, run_trial

LOSS = MetricPattern(r"final loss (\S+)", lower=True)


@pytest.fixture
def heal(tmp_path, monkeypatch):
    """Cures a script in an empty folder, in this process: trials fork from one server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")

    def run(source, **options):
        (tmp_path / "train.py").write_text(source)
        subject = Subject.of(Target.script("train.py"))
        return cure(subject, Options(tmp_path / "cure", **{"seeds": 3, "remedies": ("init:he",), **options}))

    return run


def test_what_turns_to_nan_counts_as_untrained(heal):
    verdict = heal(scripts.EXPLODES, metric=LOSS).verdict
    assert verdict.outcome == "cured"
    assert all(math.isnan(value) for value in verdict.baseline.values)
    assert verdict.metric.kind == "training-loss"  # what it prints is no number
    said = [reason.en for reason in verdict.reasons]
    assert any("--metric" in one for one in said)
    assert any("no better than untrained" in one for one in said)
    assert verdict.effect.low > 0


def test_what_raises_in_mid_training_is_treated(heal):
    verdict = heal(scripts.RAISES, remedies=("init:he", "lr:lower")).verdict
    assert verdict.outcome == "cured"
    assert all(verdict.baseline.sick)
    assert not any(verdict.treated.sick)
    assert verdict.steps == 60
    assert verdict.patch_verified


def test_several_modules_in_variables_of_their_own(heal, tmp_path):
    found = heal(scripts.TWO_MODULES, remedies=("init:orthogonal",))
    assert found.verdict.outcome == "cured"
    assert found.verdict.patch_verified
    assert found.verdict.reproducibility.exact
    assert [attempt.plan.name for attempt in found.verdict.tried] == ["init:orthogonal"]


def test_the_written_change_prints_what_the_treated_training_prints(heal, tmp_path):
    found = heal(scripts.SIGMOID, remedies=("norm:batch",), seeds=2)
    assert found.verdict.outcome == "cured"
    (baseline,) = (folder for folder in (tmp_path / "cure").glob("baseline-0-*") if (folder / "samples.pt").exists())
    subject = Subject.of(Target.script("train.py"))
    order = Order("treated", found.verdict.plan.doses, untreated=str(baseline))
    treated = run_trial(subject, order, tmp_path / "own seed")
    assert treated.status == "finished"
    (output,) = (tmp_path / "own seed").glob("treated-0-*/stdout.txt")
    write(found.patch)
    plain = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert plain.stdout == output.read_text()


def test_what_updates_by_hand_is_diagnosed_and_told_what_stands_in_the_way(heal):
    def by_hand(depth, activation):
        return scripts.BY_HAND.replace("DEPTH", str(depth)).replace("ACTIVATION", activation)

    verdict = heal(by_hand(7, "nn.Sigmoid()")).verdict
    assert verdict.outcome == "not-cured"
    assert verdict.finding.rule == "IG101"
    said = [reason.en for reason in verdict.reasons]
    assert said[0].startswith("parameters are updated by hand")
    assert said[-1] == verdict.finding.remedies[-1].change.en, "and nothing of remedies that were never tried"
    assert verdict.trials == 1
    assert heal(by_hand(1, "nn.ReLU()")).verdict.outcome == "no-remedy-needed"


def test_a_pattern_that_matches_nothing_is_an_error(heal):
    with pytest.raises(UsageError, match=r"matches no number in what train\.py prints"):
        heal(scripts.SIGMOID, metric=MetricPattern("no such thing (.*)"))


def test_a_budget_too_small_for_one_training_is_an_error(heal):
    with pytest.raises(UsageError, match="do not last for the unchanged training"):
        heal(scripts.SIGMOID, minutes=0.001)


def test_a_fresh_cure_removes_trials_only(tmp_path):
    (tmp_path / "train.py").write_text("pass")
    (tmp_path / "baseline-0-notes").mkdir()
    (tmp_path / "patched").mkdir()
    (tmp_path / "patched" / "mine.py").write_text("")
    trial = tmp_path / "treated-1-0123456789abcdef"
    trial.mkdir()
    (trial / "job.json").write_text("{}")
    other = tmp_path / "treated-1-fedcba9876543210"  # named like one, and none
    other.mkdir()
    names = ("metric", "steps", "minutes", "trials", "parallel")
    wanted = {**dict.fromkeys(names), "lower": False, "seeds": 3, "remedies": (), "fresh": True, "out": str(tmp_path)}
    options_of(Subject("script", "train.py", (), str(tmp_path)), wanted)
    left = {str(path.relative_to(tmp_path)) for path in Path(tmp_path).rglob("*")}
    assert left == {"train.py", "baseline-0-notes", "patched", "patched/mine.py", other.name}
