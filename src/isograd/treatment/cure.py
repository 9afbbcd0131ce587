"""`isograd cure`: what is wrong, what could help, which of it does, and the proof.

One run of the unchanged training says what is wrong and keeps batches of it. On one of them every plan is forecast and
measured before any training. Those that promise something are trained on few steps, the better half on more; the choice
rests on training losses under the program's own seed. The proof rests on other seeds and on another metric: unchanged,
treated, and sham runs of equal seeds and steps.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from isograd.diagnosis import diagnose
from isograd.errors import UsageError
from isograd.facts import Diagnosis, Finding, Record, Text
from isograd.facts.treatment import Plan
from isograd.facts.trial import MetricPattern, Order, Result
from isograd.facts.verdict import Attempt, Metric, Outcome, Reproducibility, Verdict
from isograd.record import read
from isograd.treatment.changing import Changed, change_of
from isograd.treatment.expectations import combined, promising
from isograd.treatment.patch.result import Patch
from isograd.treatment.prescription import Prescription, prescribe_plans
from isograd.treatment.proof.halving import FINALISTS, ranked, rungs, tail_loss
from isograd.treatment.proof.judgement import NO_ARM, NOTHING, Proof, arm_of, judge
from isograd.treatment.proof.metric import metric_of
from isograd.treatment.series import Series, Spent
from isograd.treatment.trial.subject import Subject

FIRST_LOOK = 2
"""Seeds after which a proof is given up if nothing speaks for it."""


@dataclass(frozen=True)
class Options:
    """How much may be spent, and by what is judged."""

    folder: Path
    """Where trials are kept; a cure that was broken off goes on from there."""
    metric: MetricPattern | None = None
    """What to look for in the program's output; None for the best that it offers."""
    seeds: int = 5
    """Seeds of the proof, at least 2."""
    steps: int | None = None
    """Steps of one run; None for all that the program takes."""
    minutes: float | None = None
    """Stop after so many minutes."""
    trials: int | None = None
    """Stop after so many runs."""
    parallel: int = 1
    """Runs at once."""
    remedies: tuple[str, ...] = ()
    """Plans to try, such as `init:he` or `init:he+clip:norm`; empty to choose by mechanism."""


@dataclass(frozen=True)
class Cured:
    """The verdict, and what it stands on."""

    verdict: Verdict
    """What was concluded."""
    record: Record
    """Of the untreated run."""
    diagnosis: Diagnosis
    """What was wrong with it."""
    patch: Patch | None
    """The change in the user's source; None where none was made."""
    folder: Path
    """Where everything is kept."""


Tell = Callable[[str, int, int], None]
"""Told how it goes: the stage, runs of it that are done, and how many it has."""


def cure(subject: Subject, options: Options, tell: Tell = lambda stage, done, total: None) -> Cured:
    """Finds what cures a training, and proves it.

    Args:
        subject: The program or task.
        options: How much may be spent, and by what is judged.
        tell: Told how it goes.

    Returns:
        The verdict; after Ctrl-C or a spent budget one that proves nothing and tells what was seen.

    Raises:
        UsageError: The program does not train: it fails by itself or never takes a step.
    """
    return _Cure(subject, options, tell).run()


_SPENT = Text(
    "the budget is spent; the same command with a larger one goes on from here",
    "주어진 예산을 다 썼습니다. 예산을 늘려 같은 명령을 실행하면 이어서 합니다",
)
_BROKEN_OFF = Text(
    "broken off; the same command goes on from here",
    "중단했습니다. 같은 명령을 실행하면 이어서 합니다",
)


class _Cure:
    """One cure, stage by stage; what is known so far stays when it is broken off."""

    def __init__(self, subject: Subject, options: Options, tell: Tell) -> None:
        self.options = options
        self.series = Series(subject, options.folder, options.parallel, options.trials, options.minutes, tell)
        self.subject = subject
        self.started = time.monotonic()
        self.attempts: list[Attempt] = []
        self.proofs: list[tuple[Plan, Proof, list[Result]]] = []
        self.finding: Finding | None = None
        self.metric: Metric | None = None
        self.repeated: Reproducibility | None = None

    def run(self) -> Cured:
        first = Order(keep_samples=True, explain=True, metric=self.options.metric, max_steps=self.options.steps)
        self.base = self.series.run("baseline", [first])[0]
        self.base_folder = self.series.folder_of(first)
        _check(self.base, self.subject)
        self.record = read(self.base_folder)
        self.diagnosis = diagnose(self.record)
        prescription = prescribe_plans(self.diagnosis, self.options.remedies)
        if prescription is None:
            return self._without_remedy()
        self.finding = prescription.finding
        try:
            return self._with_remedies(prescription)
        except (KeyboardInterrupt, Spent) as broken:
            return self._broken_off(broken)

    def _with_remedies(self, prescription: Prescription) -> Cured:
        self.network = _key(self.base, prescription.finding)
        plans = self._look_ahead(prescription)
        finalists = self._choose(plans)[:FINALISTS]
        for plan in finalists:
            proof = self._prove(plan)
            if proof is not None and proof.cured:
                return self._conclude("cured")
        return self._conclude("not-cured")

    def _order(self, plan: Plan | None = None, **others: object) -> Order:
        order = Order(
            arm="baseline" if plan is None else "treated",
            doses=() if plan is None else plan.doses,
            network=self.network,
            metric=self.options.metric,
            max_steps=self.options.steps,
            untreated=str(self.base_folder),
        )
        return replace(order, **others)  # type: ignore[arg-type]  # fields of an order by name

    def _look_ahead(self, prescription: Prescription) -> list[Plan]:
        """What one batch says of every plan, before any training."""
        order = self._order(outlooks=prescription.plans, max_steps=1)
        outlooks = list(self.series.run("outlook", [order])[0].outlooks)
        pairs = combined(outlooks, prescription.finding)
        if pairs:
            outlooks += self.series.run("outlook", [self._order(outlooks=tuple(pairs), max_steps=1)])[0].outlooks
        plans, left_out = promising(outlooks, prescription.finding)
        self.attempts += left_out
        return plans

    def _choose(self, plans: list[Plan]) -> list[Plan]:
        """The plans in the order in which they are to be proved, by training losses of short runs."""
        rounds = rungs(self._whole(), len(plans))
        for place, rung in enumerate(rounds):
            steps = max(rung.steps, self._far_enough())
            orders = [self._order(plan, max_steps=steps) for plan in plans]
            if place == 0:
                orders.append(self._order(max_steps=steps))
            results = self.series.run("choice", orders)
            if place == 0:
                self.repeated = _repeated(self.base, results.pop())
            losses = {p.name: _loss_of(result) for p, result in zip(plans, results, strict=True)}
            order = ranked(plans, losses, tail_loss(_until(self.base, steps)))
            notes = {p.name: _failed(result) for p, result in zip(plans, results, strict=True)}
            told = [Attempt(plan, steps, losses[plan.name], notes[plan.name]) for plan in order]
            self.attempts = [*told, *(a for a in self.attempts if a.plan.name not in losses)]
            plans = [plan for plan in order if notes[plan.name] is None][: rung.survivors]
        return plans

    def _prove(self, plan: Plan) -> Proof | None:
        """Runs the arms of one plan; None if it was given up after a first look."""
        seeds = range(1, self.options.seeds + 1)
        for count in sorted({min(FIRST_LOOK, len(seeds)), len(seeds)}):
            some = seeds[:count]
            arms = [
                [self._order(seed=seed) for seed in some],
                [self._order(plan, seed=seed) for seed in some],
                [self._order(plan, arm="sham", seed=seed) for seed in some] if count == len(seeds) else [],
            ]
            results = iter(self.series.run("proof", [order for arm in arms for order in arm]))
            baseline, treated, sham = ([next(results) for _ in arm] for arm in arms)
            self.metric = self.metric or metric_of(baseline, self.options.metric)
            if self.metric is None:
                raise UsageError(f"{self.subject.name} takes too few steps to judge a remedy by; let it train longer")
            if count < len(seeds) and self._is_futile(baseline, treated):
                self._note(plan, Text("gave nothing on other seeds", "다른 시드에서 효과가 없음"))
                self.proofs.append((plan, judge(self._sick(), self.metric, baseline, treated, baseline), treated))
                return None
        proof = judge(self._sick(), self.metric, baseline, treated, sham)
        self.proofs.append((plan, proof, treated))
        return proof

    def _is_futile(self, baseline: Sequence[Result], treated: Sequence[Result]) -> bool:
        assert self.metric is not None, "chosen before"
        proof = judge(self._sick(), self.metric, baseline, treated, baseline)
        return all(proof.treated.sick) or not proof.effect.mean > 0

    def _conclude(self, outcome: Outcome) -> Cured:
        plan, proof, treated = self._best()
        changed = Changed(None, (), None)
        if outcome == "cured":
            patched = self._order(arm="treated", seed=1, doses=())
            changed = change_of(treated[0], patched, self.series)
        return self._cured(outcome, plan, proof, treated, changed)

    def _best(self) -> tuple[Plan, Proof | None, list[Result]]:
        """The plan that was proved, else the one with the largest effect."""
        if not self.proofs:
            tried = [attempt.plan for attempt in self.attempts if math.isfinite(attempt.loss)]
            return (tried[0] if tried else Plan(())), None, []
        key = lambda one: (one[1].cured, one[1].restored, one[1].effect.mean)  # noqa: E731  read in place
        return max(self.proofs, key=key)

    def _cured(
        self, outcome: Outcome, plan: Plan, proof: Proof | None, treated: Sequence[Result], changed: Changed
    ) -> Cured:
        made = [one for one in (treated[0].made if treated else ())]
        verdict = Verdict(
            outcome=outcome,
            finding=self.finding,
            plan=plan,
            metric=self.metric if proof is not None else None,
            baseline=proof.baseline if proof else NO_ARM,
            treated=proof.treated if proof else NO_ARM,
            sham=proof.sham if proof else NO_ARM,
            reseed=proof.reseed if proof else NO_ARM,
            effect=proof.effect if proof else NOTHING,
            against_sham=proof.against_sham if proof else NOTHING,
            against_reseed=proof.against_reseed if proof else NOTHING,
            changes=tuple(change for one in made for change in one.changes),
            tried=tuple(self.attempts),
            steps=self._whole(),
            trials=self.series.count,
            seconds=time.monotonic() - self.started,
            run_seconds=self.base.seconds,
            patch=changed.patch.diff if changed.patch is not None else "",
            by_hand=changed.by_hand,
            patch_verified=changed.verified,
            reproducibility=self.repeated,
            reasons=(*self._reasons(outcome, proof), *self._doubts()),
        )
        return Cured(verdict, self.record, self.diagnosis, changed.patch, self.options.folder)

    def _reasons(self, outcome: Outcome, proof: Proof | None) -> tuple[Text, ...]:
        if outcome == "not-cured" and proof is None:
            return (Text("no remedy promised anything on this network", "이 신경망에 도움이 될 처방이 없었습니다"),)
        return proof.reasons if proof is not None and outcome == "not-cured" else ()

    def _doubts(self) -> tuple[Text, ...]:
        """What limits every claim: a program that does not repeat itself, and what a trial could not do."""
        doubts: list[Text] = []
        if self.repeated is not None and not self.repeated.exact:
            doubts.append(
                Text(
                    "two runs with one seed differ (training loss by {noise:.3g}): the program is not reproducible, "
                    "and pairs are no closer than that",
                    "같은 시드로 두 번 실행한 결과가 다릅니다(학습 손실 {noise:.3g}). 재현되지 않는 프로그램이므로 "
                    "짝지은 비교도 그보다 정밀할 수 없습니다",
                    {"noise": self.repeated.noise},
                )
            )
        return tuple(doubts)

    def _without_remedy(self) -> Cured:
        sick = [finding for finding in self.diagnosis.findings if finding.severity != "note"]
        outcome: Outcome = "not-a-gradient-problem" if sick else "no-remedy-needed"
        self.finding = sick[0] if sick else None
        done = self._cured(outcome, Plan(()), None, (), Changed(None, (), None))
        reasons = (*(sick[0].advice if sick else ()), *([self.diagnosis.reason] if self.diagnosis.reason else []))
        return replace(done, verdict=replace(done.verdict, reasons=reasons))

    def _broken_off(self, broken: BaseException) -> Cured:
        plan, proof, treated = self._best()
        done = self._cured("interrupted", plan, proof, treated, Changed(None, (), None))
        why = _SPENT if isinstance(broken, Spent) else _BROKEN_OFF
        return replace(done, verdict=replace(done.verdict, reasons=(why, *done.verdict.reasons)))

    def _sick(self) -> Finding:
        assert self.finding is not None, "asked only where there is something to cure"
        return self.finding

    def _whole(self) -> int:
        return min(self.options.steps or self.base.steps, self.base.steps)

    def _far_enough(self) -> int:
        """Steps after which the trouble was there in the unchanged run."""
        first = self.finding.first_step if self.finding is not None else 0
        return min(self._whole(), math.ceil(1.25 * first) + 1)

    def _note(self, plan: Plan, note: Text) -> None:
        self.attempts = [replace(a, note=note) if a.plan.name == plan.name else a for a in self.attempts]


def _check(base: Result, subject: Subject) -> None:
    if base.steps:
        return
    if base.status == "failed":
        raise UsageError(f"{subject.name} failed before its first optimizer step: {base.error}; make it run first")
    raise UsageError(f"{subject.name} took no optimizer step: there is no training to cure")


def _key(base: Result, finding: Finding) -> str:
    """Which network of the program the finding is about."""
    return next((one.key for one in base.networks if one.name == finding.network), "")


def _until(result: Result, steps: int) -> list[float]:
    return [value for step, value in zip(result.losses.step, result.losses.value, strict=True) if step < steps]


def _loss_of(result: Result) -> float:
    return math.nan if result.status == "failed" else tail_loss(result.losses.value)


def _failed(result: Result) -> Text | None:
    if result.status != "failed":
        return None
    return Text("failed: {error}", "실패: {error}", {"error": result.error})


def _repeated(base: Result, again: Result) -> Reproducibility:
    """Whether a second run under the same seed had the same losses."""
    once = dict(zip(base.losses.step, base.losses.value, strict=True))
    pairs = [(once[s], v) for s, v in zip(again.losses.step, again.losses.value, strict=True) if s in once]
    same = all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)
    noise = abs(tail_loss([a for a, _ in pairs]) - tail_loss([b for _, b in pairs])) if pairs else math.nan
    return Reproducibility(same, 0.0 if same else noise)


__all__ = ["Cured", "Options", "Tell", "arm_of", "cure"]
