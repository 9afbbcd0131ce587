"""A first batch whose loss or gradient is no finite number: where it came from, and why by the operation there."""

import math

from isograd.diagnosis.claim import Claim
from isograd.diagnosis.rules.non_finite import SINGULAR
from isograd.facts import Cause, Text
from isograd.observation.probe import Measurement


def is_broken(base: Measurement) -> bool:
    """True if the loss is not finite, or a gradient of a finite loss is not."""
    return not math.isfinite(base.loss) or base.origin is not None


def claim_of(base: Measurement) -> Claim:
    """What is claimed of it."""
    where = _where(base)
    if math.isfinite(base.loss):
        summary = Text(
            "The loss of the first batch is finite ({loss:.4g}) and its gradient is not{where}: the first step makes "
            "the weights nan.",
            "첫 배치의 손실은 유한하지만({loss:.4g}) 기울기는 유한하지 않습니다{where}. 첫 스텝에서 가중치가 NaN이 "
            "됩니다.",
            {"loss": base.loss, "where": where},
        )
    else:
        summary = Text(
            "The loss of the first batch is {loss}{where}: nothing can be learned from it.",
            "첫 배치의 손실이 유한하지 않아({loss}){where} 아무것도 학습할 수 없습니다.",
            {"loss": str(base.loss), "where": where},
        )
    return Claim("IG501", "non-finite", "error", summary)


def causes_by_rule(base: Measurement) -> tuple[Cause, ...]:
    """Why, where no experiment shows it: what was given, or an operation outside its domain; empty if neither."""
    origin = base.origin
    if origin is None:
        return ()
    if origin.given:
        return () if _has_spoilt_weight(base) else (Cause("data", 1.0),)
    return (Cause("undefined-operation", 1.0),) if origin.operation.lower() in SINGULAR else ()


def _has_spoilt_weight(base: Measurement) -> bool:
    entry = next((one for one in base.seen if one.site.name == base.origin_site), None)
    return entry is not None and not all(bool(parameter.detach().isfinite().all()) for parameter in entry.parameters)


def _where(base: Measurement) -> Text:
    """A clause for the middle of the sentence; empty where nothing is known."""
    origin = base.origin
    if origin is None or not (origin.operation or base.origin_site):
        return Text("", "")
    values: dict[str, object] = {"site": base.origin_site, "operation": origin.operation}
    if origin.given and _has_spoilt_weight(base):
        return Text(
            " (the parameters of {site} are not all finite)", " ({site}의 매개변수에 유한하지 않은 값이 있음)",
            {"site": base.origin_site},
        )  # fmt: skip
    if origin.given:
        return Text(
            " (what goes into {site} is not all finite)", " ({site}에 들어가는 값이 유한하지 않음)",
            {"site": base.origin_site},
        )  # fmt: skip
    if not origin.operation:
        return Text(" (first at {site})", " (처음 나타난 곳: {site})", {"site": base.origin_site})
    if not base.origin_site:
        return Text(" (out of {operation})", " ({operation} 연산에서 나옴)", {"operation": origin.operation})
    return Text(" (out of {operation}, near {site})", " ({site} 근처의 {operation} 연산에서 나옴)", values)
