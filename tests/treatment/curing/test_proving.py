"""How the error that a proof allows is shared among its plans and its looks."""

from types import SimpleNamespace
from typing import Any

import pytest

from isograd.facts.treatment import Dose, Plan
from isograd.treatment.curing import cure, proving
from isograd.treatment.curing.log import Log
from isograd.treatment.proof.judgement import NO_ARM

HE, BATCH, SKIP = (Plan((Dose(name),)) for name in ("init:he", "norm:batch", "residual:skip"))


@pytest.mark.parametrize(
    ("seeds", "share", "error"),
    [(5, 1.0, 0.025), (5, 0.8, 0.02), (5, 0.2, 0.005), (3, 0.8, 0.04), (2, 1.0, 0.05)],
)
def test_the_looks_at_one_plan_share_its_part(monkeypatch, seeds: int, share: float, error: float) -> None:
    looked: list[tuple[int, float]] = []

    def look(case: Any, plan: Plan, count: int, log: Log, further: tuple[str, ...], error: float) -> Any:
        looked.append((count, error))
        proof = SimpleNamespace(treated=NO_ARM, effect=SimpleNamespace(mean=1.0), cured=False, restored=True)
        proof.treated = SimpleNamespace(sick=(False,))
        return SimpleNamespace(proof=proof, plan=plan)

    monkeypatch.setattr(proving, "_look", look)
    case: Any = SimpleNamespace(options=SimpleNamespace(seeds=seeds))
    proving.prove(case, HE, Log(), share)
    assert [count for count, _ in looked] == {5: [2, 3, 5], 3: [2, 3], 2: [2, 2]}[seeds]
    assert all(given == pytest.approx(error) for _, given in looked)


@pytest.mark.parametrize(
    ("plans", "shares"), [([HE], [1.0]), ([HE, BATCH], [0.8, 0.2]), ([HE, BATCH, SKIP], [0.8, 0.2])]
)
def test_plans_that_come_to_a_proof_share_the_error(monkeypatch, plans: list[Plan], shares: list[float]) -> None:
    given: list[tuple[Plan, float]] = []

    def prove(case: Any, plan: Plan, log: Log, share: float) -> Any:
        given.append((plan, share))
        return SimpleNamespace(proof=SimpleNamespace(cured=False))

    monkeypatch.setattr(cure, "prove", prove)
    monkeypatch.setattr(cure, "look_ahead", lambda case, plans, log: plans)
    monkeypatch.setattr(cure, "choose", lambda case, plans, log: list(plans))
    monkeypatch.setattr(cure, "conclude", lambda *_, **__: None)
    prescription: Any = SimpleNamespace(plans=plans, finding=SimpleNamespace(problem="vanishing", advice=()))
    cure._treated(SimpleNamespace(), prescription, Log())  # type: ignore[arg-type]  # no more is asked of it
    assert given == list(zip(plans, shares, strict=False))
    assert sum(shares) == pytest.approx(1.0)
