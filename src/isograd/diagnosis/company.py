"""Networks that train against or beside each other: there a loss that rises or stays is no sign of harm."""

from collections.abc import Iterable

import numpy as np

from isograd.diagnosis import levels, trends
from isograd.diagnosis.harm import harm
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import loss_family, progress
from isograd.diagnosis.upstream import first_cause
from isograd.facts import Cause, Evidence, Finding, Observed, Record, Text

MOVING_GOAL = ("IG701", "IG801")
"""Rules that read a loss as something that should fall."""


def in_company(record: Record) -> bool:
    """True for a game between networks: two or more of different make, each trained about as long as the other."""
    if len(record.observed) < 2:
        return False
    lengths = [seen.steps.step.size for seen in record.observed]
    sizes = {seen.network.num_parameters for seen in record.observed}
    games = [_has_moving_goal(seen) for seen in record.observed]
    return len(sizes) > 1 and any(games) and min(lengths) * 20 >= max(lengths)


def _has_moving_goal(seen: Observed) -> bool:
    signed = bool((seen.steps.loss < 0).any())
    return signed or loss_family(seen.network.loss) in ("binary", "other")


WON = 0.05
"""A two-class loss this low on fresh opponents means that the game is over."""
LONG = 0.25
"""Share of the run over which one side has won."""
FADED_DECADES = 1.5
"""How far the loser's gradient has shrunk since the start."""


def outplayed(record: Record) -> dict[str, Finding]:
    """Networks that get no gradient any more because their opponent has won.

    Args:
        record: All networks of a game.

    Returns:
        A finding of a vanishing gradient by the name of each loser.
    """
    winners = [seen for seen in record.observed if _has_won(seen)]
    found = {}
    for seen in record.observed:
        if winners and not any(seen is winner for winner in winners) and _has_lost(seen):
            found[seen.network.name] = _lost(seen, winners[0])
    return found


def _has_won(seen: Observed) -> bool:
    return loss_family(seen.network.loss) == "binary" and float(np.mean(seen.steps.loss < WON)) >= LONG


def _has_lost(seen: Observed) -> bool:
    return (_has_faded(seen) or _never_moved(seen)) and progress(seen).state != "learned"


def _has_faded(seen: Observed) -> bool:
    return _fading(seen) <= -FADED_DECADES


def _never_moved(seen: Observed) -> bool:
    """True if the game was over before the loser's first step: then its gradient was never large enough to fade."""
    return seen.steps.step.size >= levels.ENOUGH_STEPS and harm(seen).travel < levels.TRAVEL_LOW


def _fading(seen: Observed) -> float:
    size = seen.steps.raw_log10[~np.isnan(seen.steps.raw_log10)]
    if size.size < 5:
        return 0.0
    # The fifth that is smallest: a game may be lost for a time and then begin anew.
    return float(np.quantile(size, 0.2, method="lower") - trends.median(trends.first_part(size, 0.0, 3)))


def _lost(seen: Observed, winner: Observed) -> Finding:
    steps = seen.steps.step
    causes = (Cause("adversary", 1.0),)
    sites = tuple(site.name for site in seen.network.sites)
    return Finding(
        rule="IG101",
        problem="vanishing",
        severity="error",
        network=seen.network.name,
        sites=sites,
        first_step=int(steps[0]),
        last_step=int(steps[-1]),
        summary=_summary(seen, winner),
        evidence=(
            Evidence("gradient_since_start_decades", _fading(seen), "decades", -FADED_DECADES),
            Evidence("opponent_loss", progress(winner).end, "", WON),
        ),
        causes=causes,
        remedies=prescribe(seen, causes, sites),
        advice=advise(seen, causes, sites),
    )


def _summary(seen: Observed, winner: Observed) -> Text:
    names = {"winner": winner.network.name, "loser": seen.network.name, "loss": progress(winner).end}
    if _has_faded(seen):
        return Text(
            "{winner} has won: its loss is {loss:.2g}, and the gradient of {loser} has shrunk to one part in "
            "10^{decades:.1f} since the start.",
            "{winner}[이/가] 이겼습니다. 그 손실이 {loss:.2g}[으로/로] 떨어져 {loser}의 기울기가 처음의 "
            "10^{decades:.1f}분의 1로 줄었습니다.",
            {**names, "decades": -_fading(seen)},
        )
    return Text(
        "{winner} had won before {loser} could learn: its loss is {loss:.2g}, and what gradient it leaves has moved "
        "the weights of {loser} by only {travel:.2g} of their size in the whole run.",
        "{loser}[이/가] 배우기도 전에 {winner}[이/가] 이겼습니다. 그 손실이 {loss:.2g}[으로/로] 떨어져, 남은 "
        "기울기로는 학습 내내 {loser}의 가중치가 크기의 {travel:.2g}배밖에 움직이지 않았습니다.",
        {**names, "travel": harm(seen).travel},
    )


def spare(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leaves out what only a loss with a fixed goal could show; a cut graph is a cut graph in any company."""
    return tuple(one for one in findings if one.rule not in MOVING_GOAL or first_cause(one) == "detached")
