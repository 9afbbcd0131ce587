"""The health of a run, and the one line that tells why it is unknown or how healthy it is."""

from collections.abc import Iterable

import numpy as np

from isograd.diagnosis import levels
from isograd.diagnosis.gain import gain
from isograd.diagnosis.progress import progress
from isograd.facts import Finding, Health, Observed, Record, Text


def health_of(record: Record, findings: Iterable[Finding]) -> Health:
    """The health of a run.

    Args:
        record: All that was seen of it.
        findings: Those of all its networks.

    Returns:
        `failing` with an error, `warning` with a warning. Without either, `unknown` if fewer than three steps were
        seen, or if no gain was and the loss did not clearly fall: to find nothing where nothing can be seen is no
        health. Else `healthy`.
    """
    severities = {finding.severity for finding in findings}
    if "error" in severities:
        return "failing"
    if "warning" in severities:
        return "warning"
    if _longest(record) < levels.FEW_STEPS:
        return "unknown"
    return "unknown" if _is_hidden(record) and not all(map(_has_learned, record.observed)) else "healthy"


def _is_hidden(record: Record) -> bool:
    """True if the gain was seen of no network, and not because there is one layer only."""
    return all(np.isnan(seen.steps.gain).all() and len(gain(seen).chain) != 1 for seen in record.observed)


def _has_learned(seen: Observed) -> bool:
    return progress(seen).good


def _longest(record: Record) -> int:
    return max((int(seen.steps.step.size) for seen in record.observed), default=0)


def reason_for(record: Record, health: Health) -> Text | None:
    """The one line that tells why a run is unknown, or how healthy it is; None where findings tell all."""
    if health == "unknown":
        return _why_unknown(record)
    if health != "healthy":
        return None
    longest = max(record.observed, key=lambda seen: seen.steps.step.size)
    return _by_loss(longest) if _is_hidden(record) else _how_healthy(longest)


def _why_unknown(record: Record) -> Text:
    if not record.observed:
        return Text(
            "No optimizer took a step that isograd could see: nothing was trained, or not with torch.optim.",
            "isograd가 관찰할 수 있는 옵티마이저 스텝이 없었습니다. 학습이 없었거나 torch.optim을 쓰지 않았습니다.",
        )
    if _longest(record) >= levels.FEW_STEPS:
        return Text(
            "The gradient's way through the layers could not be seen, and the loss alone gives no verdict.",
            "기울기가 층을 거쳐 가는 경로를 볼 수 없었고, 손실만으로는 판정할 수 없습니다.",
        )
    return Text(
        "Optimizer steps seen: {steps}; a verdict takes at least {least}.",
        "옵티마이저 스텝이 {steps}번뿐이었습니다. 판정하려면 적어도 {least}번이 필요합니다.",
        {"steps": _longest(record), "least": levels.FEW_STEPS},
    )


def _how_healthy(seen: Observed) -> Text:
    found, done = gain(seen), progress(seen)
    values: dict[str, object] = {"steps": int(seen.steps.step.size), "start": done.start, "end": done.end}
    if not np.isfinite(found.late) or done.state == "unseen":
        return Text(
            "Nothing was found in {steps} steps.",
            "{steps}개 스텝에서 이상을 찾지 못했습니다.",
            {"steps": values["steps"]},
        )
    values |= {"layers": len(found.chain), "gain": found.late}
    over = "{layers} layer" if len(found.chain) == 1 else "{layers} layers"
    if done.state == "worse":
        return Text(
            f"The gradient keeps its size over {over} ({{gain:+.1f}} decades in all). Over {{steps}} steps the "
            "loss rose from {start:.4g} to {end:.4g}, which is not the gradients' doing.",
            "기울기는 {layers}개 층에 걸쳐 크기를 유지합니다(전체 10^{gain:.1f}배). {steps}개 스텝 동안 손실이 "
            "{start:.4g}에서 {end:.4g}[으로/로] 커졌지만 기울기 때문은 아닙니다.",
            values,
        )
    return Text(
        f"The gradient keeps its size over {over} ({{gain:+.1f}} decades in all), and over {{steps}} steps the loss "
        "went from {start:.4g} to {end:.4g}.",
        "기울기가 {layers}개 층에 걸쳐 크기를 유지하고(전체 10^{gain:.1f}배), {steps}개 스텝 동안 손실이 "
        "{start:.4g}에서 {end:.4g}[으로/로] 변했습니다.",
        values,
    )


def _by_loss(seen: Observed) -> Text:
    done = progress(seen)
    return Text(
        "By its loss, which went from {start:.4g} to {end:.4g} in {steps} steps; the gradient's way through the layers "
        "could not be seen.",
        "{steps}개 스텝 동안 {start:.4g}에서 {end:.4g}[으로/로] 변한 손실로 판단했습니다. 기울기가 층을 거쳐 가는 "
        "경로는 볼 수 없었습니다.",
        {"start": done.start, "end": done.end, "steps": int(seen.steps.step.size)},
    )
