"""Verdicts of made-up cures, one for each outcome, each with the untreated run that it is about."""

from dataclasses import dataclass, replace

from tests.report.scenes import SCENES, Scene

from isograd.facts import Text
from isograd.facts.treatment import Change, Dose, Plan
from isograd.facts.verdict import Arm, Attempt, Effect, Metric, Reproducibility, Verdict

NAN = float("nan")
NASTY = "</pre><img src=x onerror=alert(1)>\x1b[31m"
"""What would act on a page or a terminal, if nobody made it harmless."""
NOTHING = Effect(NAN, NAN, NAN)
NO_ARM = Arm((), (), (), NAN)
DIFF = """--- a/train.py
+++ b/train.py
@@ -12,5 +12,9 @@
     model = SigmoidMLP()
-    model = model.to(device)  # then the optimizer
+    for layer in model.modules():
+        if isinstance(layer, nn.Linear) and layer not in (model.layers[9],):
+            nn.init.normal_(layer.weight, std=10.149263710019525 / layer.weight[0].numel() ** 0.5)
+            nn.init.zeros_(layer.bias)
     optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
"""


@dataclass(frozen=True)
class Judged:
    """A verdict and what it is about."""

    verdict: Verdict
    scene: Scene


def _plan(*names: str, expected: float = NAN, measured: float = NAN, **settings: str) -> Plan:
    return Plan(tuple(Dose(name, settings) for name in names), expected, measured)


TRIED = (
    Attempt(_plan("init:he", expected=-1.4, measured=-1.3), 160, 0.1259),
    Attempt(_plan("norm:batch", expected=-0.6, measured=-0.4), 160, 0.185),
    Attempt(_plan("activation:leaky-relu", "lr:lower"), 160, 0.0198),
    Attempt(_plan("activation:leaky-relu", expected=-0.4, measured=-0.4), 60, NAN, Text("diverged", "발산함")),
    Attempt(
        _plan("pretrain:dbn", expected=-7.7, measured=-2.3),
        0,
        NAN,
        Text("others promised more", "다른 처방이 더 유망함"),
    ),
    Attempt(
        _plan("recurrent:lstm"),
        0,
        NAN,
        Text("could not be made: {error}", "적용할 수 없음: {error}", {"error": f"RuntimeError of a kind {NASTY}"}),
    ),
)


def _bare(outcome: str, scene: str, **changes: object) -> Judged:
    found = SCENES[scene]()
    findings = found.diagnosis.findings
    fields: dict[str, object] = {
        "outcome": outcome,
        "finding": findings[0] if findings else None,
        "plan": Plan(()),
        "metric": None,
        **dict.fromkeys(("baseline", "treated", "sham", "reseed"), NO_ARM),
        **dict.fromkeys(("effect", "against_sham", "against_reseed"), NOTHING),
        "changes": (),
        "tried": (),
        "steps": 400,
        "trials": 1,
        "seconds": 4.2,
        "run_seconds": 3.9,
    }
    return Judged(Verdict(**{**fields, **changes}), found)  # type: ignore[arg-type]  # a test's shorthand


def cured() -> Judged:
    """A sigmoid network and its critical initialisation."""
    layers = [f"layers.{2 * index}" for index in range(9)]
    changes = [
        change
        for place, layer in enumerate(layers)
        for change in (
            Change(
                f"{layer}.weight", f"std {0.0207 if place == 0 else 0.0361}", f"std {0.363 if place == 0 else 0.634}"
            ),
            Change(f"{layer}.bias", f"mean {0.0008 * (place - 4):g}, std 0.0198", "all 0"),
        )
    ]
    worse = (2.306, 2.304, 2.307)
    return _bare(
        "cured",
        "vanishing",
        plan=_plan("init:he", expected=-1.4, measured=-1.3, nonlinearity="sigmoid"),
        metric=Metric("training-loss", False),
        baseline=Arm(worse, (-8.1, -8.2, -8.1), (True, True, True), 4.0),
        treated=Arm((0.003784, 0.00411, 0.00352), (-0.2, -0.1, -0.2), (False, False, False), 4.2),
        sham=Arm((2.305, 2.305, 2.306), (-8.0, -8.1, -8.1), (True, True, True), 4.0),
        reseed=Arm((*worse[1:], worse[0]), (-8.2, -8.1, -8.1), (True, True, True), 4.0),
        effect=Effect(2.784, 2.71, 2.858, "decades"),
        against_sham=Effect(2.783, 2.709, 2.857, "decades"),
        against_reseed=Effect(2.784, 2.705, 2.863, "decades"),
        changes=tuple(changes),
        tried=TRIED,
        trials=23,
        seconds=158.0,
        patch=DIFF,
        patch_verified=True,
        reproducibility=Reproducibility(True, 0.0),
    )


def not_cured() -> Judged:
    """A recurrence that clipping holds, whose metric gets no better; one unchanged run left no number."""
    return _bare(
        "not-cured",
        "exploding_rnn",
        plan=_plan("clip:norm"),
        metric=Metric("printed", True, "test accuracy: (\\S+)"),
        baseline=Arm((0.31, NAN, 0.29, 0.33, 0.3), (4.1, NAN, 3.9, 4.4, 4.0), (True,) * 5, 11.0),
        treated=Arm((0.34, 0.3, 0.28, 0.36, 0.29), (3.0, 2.8, 3.3, 2.9, 3.1), (False, True, True, False, True), 11.4),
        sham=Arm((0.3, 0.31, 0.28, 0.33, 0.3), (4.0,) * 5, (True,) * 5, 11.0),
        reseed=Arm((NAN, 0.29, 0.33, 0.3, 0.31), (NAN, 3.9, 4.4, 4.0, 4.1), (True,) * 5, 11.0),
        effect=Effect(0.0061, -0.021, 0.0332),
        against_sham=Effect(0.0101, -0.014, 0.0342),
        against_reseed=Effect(0.004, -0.03, 0.038),
        changes=(Change("", "raw gradients", "clip:norm, max_norm 1"),),
        tried=TRIED[1:],
        trials=31,
        seconds=412.0,
        reproducibility=Reproducibility(False, 0.004),
        reasons=(
            Text(
                "the finding is gone in {well} of {all} treated runs only",
                "처방한 {all}회 중 {well}회에서만 문제가 사라졌습니다",
                {"well": 2, "all": 5},
            ),
            Text(
                "1 of 5 unchanged runs diverged and left no number",
                "그대로 한 5회 중 1회는 발산하여 값이 없습니다",
            ),
        ),
        figures={"clip:norm steps": 600.0, "clip:norm bound_share": 0.34, "clip:norm left_out_share": 0.0},
    )


def no_remedy_needed() -> Judged:
    """A healthy training."""
    healthy = SCENES["healthy"]().diagnosis
    return _bare("no-remedy-needed", "healthy", reasons=(healthy.reason,) if healthy.reason else ())


def not_a_gradient_problem() -> Judged:
    """Something else is wrong, and what to do about it is known."""
    found = _bare("not-a-gradient-problem", "vanishing", trials=4)
    assert found.verdict.finding is not None
    stalled = replace(
        found.verdict.finding,
        rule="IG801",
        problem="stalled",
        summary=Text("Gradients pass well, and the loss does not move.", "기울기는 정상이지만 손실이 줄지 않습니다."),
    )
    advice = Text("Shuffle inputs and labels together.", "입력과 레이블을 함께 섞으십시오.")
    verdict = replace(found.verdict, finding=stalled, tried=TRIED[:1], reasons=(advice,))
    return Judged(verdict, found.scene)


def unknown() -> Judged:
    """Too little was seen."""
    reason = Text("Optimizer steps seen: 1; a verdict takes at least 3.", "관찰한 옵티마이저 스텝: 1.")
    return _bare("unknown", "healthy", reasons=(reason,))


def interrupted() -> Judged:
    """The user broke it off before any proof; names from the program act on whoever does not escape them."""
    reason = Text("broken off; the same command goes on from here", "중단했습니다. 같은 명령을 실행하면 이어서 합니다")
    return _bare(
        "interrupted",
        "vanishing",
        plan=_plan("norm:batch"),
        tried=TRIED,
        trials=12,
        by_hand=(f"# {NASTY}\nmodel = BatchNormalised(model)",),
        reasons=(reason,),
    )


OUTCOMES = {
    scene.__name__: scene
    for scene in (cured, not_cured, no_remedy_needed, not_a_gradient_problem, unknown, interrupted)
}
"""A scene for each outcome."""
