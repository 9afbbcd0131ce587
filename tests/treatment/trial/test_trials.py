"""Trials of unmodified scripts: an untreated one is the script, a treated one trains to the bits of a patched one."""

import os
import subprocess
import sys
import textwrap

import pytest

import programs
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import MetricPattern, Order
from isograd.treatment.trial.injection.replaced import place_of
from isograd.treatment.trial.process.processes import environment

HE = (Dose("init:he"),)
PROGRAMS = {
    "plain": (programs.PLAIN, ""),
    "main": (programs.MAIN, ""),
    "lbfgs": (programs.LBFGS, ""),
    "groups": (programs.GROUPS, ""),
    "gan": (programs.GAN, "1"),
    "parallel": (programs.PARALLEL, ""),
    "folds": (programs.FOLDS, ""),
    "compiled": (programs.COMPILED, ""),
}


def patched(home, source, code):
    """The program with the code written where it says so; returns the folder of the replacement."""
    lines = textwrap.dedent(source).splitlines()
    place = next(n for n, line in enumerate(lines) if line.strip() == "# HERE")
    indent = lines[place][: lines[place].index("#")]
    body = code.before_optimizer.replace("{model}", "model")
    lines[place : place + 1] = textwrap.indent(
        "\n".join((*code.imports, *code.definitions.splitlines(), body)), indent
    ).splitlines()
    target = place_of(home / "patched", home / "home" / "train.py")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n")
    return str(home / "patched")


def folder_of(tmp_path, arm):
    return str(next(path for path in (tmp_path / "trials").iterdir() if path.name.startswith(arm)))


@pytest.mark.parametrize("fork", [False, True])
def test_an_untreated_trial_is_the_program_as_it_is(trials, tmp_path, fork):
    metric = MetricPattern(r"accuracy (\S+)")
    (result,) = trials(programs.PLAIN, Order(metric=metric), fork=fork)
    plain = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path / "home", env=environment(1, 1), capture_output=True, text=True
    )
    assert result.status == "finished", result.error
    losses = [float.fromhex(line.split()[1]) for line in plain.stdout.splitlines() if line.startswith("loss")]
    assert result.losses.value == tuple(losses)
    assert [found.value for found in result.metrics] == [float(plain.stdout.split()[-1])]
    assert (result.steps, result.metrics[0].step, len(losses)) == (12, 12, 12)


def test_forked_and_fresh_processes_train_to_the_same_bits(trials, tmp_path):
    order = Order(seed=1)
    (forked,) = trials(programs.MAIN, order, fork=True)
    (tmp_path / "trials").rename(tmp_path / "before")
    (fresh,) = trials(programs.MAIN, order, fork=False)
    assert forked.digest == fresh.digest
    assert forked.steps == fresh.steps == 12


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_treated_trial_trains_to_the_bits_of_the_patched_program(trials, tmp_path, name):
    source, network = PROGRAMS[name]
    (baseline,) = trials(source, Order(keep_samples=True, network=network))
    assert baseline.status == "finished", baseline.error
    for doses in (HE, (Dose("norm:batch"),)):
        untreated = folder_of(tmp_path, "baseline")
        (treated,) = trials(source, Order("treated", doses, untreated=untreated, network=network))
        assert treated.status == "finished", treated.error
        assert treated.made[0].changes
        assert treated.digest != baseline.digest
        assert (treated.steps, treated.networks[-1].key) == (baseline.steps, baseline.networks[-1].key)
        folder = patched(tmp_path, source, treated.made[0].code)
        again = trials(source, Order("treated", doses, untreated=untreated, network=network, patched=folder))[0]
        assert again.status == "finished", again.error
        assert again.digest == treated.digest


def test_seeds_differ_and_repeat_and_reseed_is_none_of_them(trials, tmp_path):
    orders = [Order(seed=seed) for seed in range(3)] + [Order("reseed", seed=0)]
    first = [result.digest for result in trials(programs.PLAIN, *orders, parallel=2)]
    (tmp_path / "trials").rename(tmp_path / "before")
    assert [result.digest for result in trials(programs.PLAIN, *orders)] == first
    assert len(set(first)) == 4


def test_a_program_that_does_not_repeat_itself_is_told_by_its_digest(trials, tmp_path):
    (one,) = trials(programs.UNREPEATABLE, Order())
    (tmp_path / "trials").rename(tmp_path / "before")
    (other,) = trials(programs.UNREPEATABLE, Order())
    assert one.digest != other.digest


def test_a_finished_trial_is_not_run_again_and_a_changed_program_is(trials, tmp_path):
    (result,) = trials(programs.PLAIN, Order())
    started = []
    assert trials(programs.PLAIN, Order(), started=started.append) == [result]
    trials(programs.PLAIN.replace("lr=0.5", "lr=0.4"), Order(), started=started.append)
    assert started == [0]


def test_it_stops_after_enough_steps_and_tells_how_far_it_is(trials):
    heard, ended = [], []
    orders = [Order(max_steps=5), Order(max_steps=5, seed=1), Order(max_steps=5)]
    results = trials(programs.PLAIN, *orders, progress=lambda place, steps: heard.append(steps), ended=ended.append)
    assert [(result.status, result.steps, len(result.losses.step)) for result in results] == [("stopped", 5, 5)] * 3
    assert results[0] == results[2]
    assert heard[-1] == 5
    assert len(ended) == 3


def test_the_sham_moves_rows_and_keeps_the_law(trials):
    baseline, sham, other = trials(programs.PLAIN, Order(), Order("sham"), Order("sham", seed=1))
    assert sham.status == "finished", sham.error
    assert len({baseline.digest, sham.digest, other.digest}) == 3
    assert sham.gains.first == pytest.approx(baseline.gains.first, abs=0.3)
    assert sham.made[0].dose.remedy == "sham:shuffle"


def test_evaluation_passes_are_those_of_the_program(trials):
    (result,) = trials(programs.MAIN, Order())
    assert [(one.step, one.examples) for one in result.evaluations] == [(4, 128), (8, 128), (12, 128)]
    assert result.metric_kinds == ("evaluation-loss", "training-loss")


def test_outlooks_disturb_nothing(trials):
    plans = (Plan(HE), Plan((Dose("norm:batch"), *HE)), Plan((Dose("recurrent:lstm"),)), Plan((Dose("no:such"),)))
    plain, looked = trials(programs.PLAIN, Order(), Order(outlooks=plans))
    assert looked.digest == plain.digest
    he, both, unsuited, unknown = looked.outlooks
    assert abs(he.plan.measured_gain) < abs(he.untreated_gain)
    assert he.plan.expected_gain == pytest.approx(he.plan.measured_gain, abs=0.5)
    assert (both.suits, unsuited.suits) == (True, False)
    assert "no:such" in unknown.error


def test_several_networks_are_told_apart_and_only_one_is_treated(trials, tmp_path):
    (baseline,) = trials(programs.GAN, Order(keep_samples=True))
    assert [(one.key, one.steps) for one in baseline.networks] == [("0", 6), ("1", 6)]
    names = [one.name for one in baseline.networks]
    assert names == ["G", "D"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print('no torch')", "no optimizer"),
        ("import torch\nnet = torch.nn.Linear(1, 1)", "no optimizer"),
        (programs.HEAD + "raise ValueError('mine')", "ValueError: mine"),
        ("import os, torch\nos._exit(7)", "status 7"),
        ("import os, torch\nos.kill(os.getpid(), 11)", "signal 11"),
        ("def broken(:", "no valid Python"),
    ],
)
def test_what_fails_says_why(trials, source, said):
    (result,) = trials(source, Order())
    assert result.status == "failed"
    assert said in result.error


def test_the_users_files_stay_and_what_was_written_is_told(trials, tmp_path):
    source = programs.PLAIN + "\ntorch.save(model.state_dict(), 'model.pt'); open('train.py', 'a').write('# x')\n"
    (result,) = trials(source, Order())
    assert result.status == "finished", result.error
    home = tmp_path / "home"
    assert os.listdir(home) == ["train.py"]
    assert "# x" not in (home / "train.py").read_text().splitlines()
    assert result.redirected == (str(home / "model.pt"), str(home / "train.py"))
