"""What the loss says, as a clause for the end of a summary."""

from isograd.diagnosis.progress import Progress
from isograd.facts import Text

RISEN = 1.1
"""A loss that ends this many times its start has moved, whether or not its noise would hide a fall of that size."""


def outlook(progress: Progress) -> Text:
    """One sentence about the loss, to be nested in a summary.

    Args:
        progress: What the loss did.

    Returns:
        A sentence in both languages, complete with its full stop.
    """
    values: dict[str, object] = {"start": progress.start, "end": progress.end, "chance": progress.chance}
    if progress.state in ("unseen", "unknown"):
        return Text("The loss tells nothing about progress.", "손실만으로는 학습이 되는지 알 수 없습니다.")
    if progress.state == "worse" or progress.end > RISEN * progress.start > 0.0:
        return Text(
            "The loss rose from {start:.4g} to {end:.4g}.",
            "손실이 {start:.4g}에서 {end:.4g}[으로/로] 커졌습니다.",
            values,
        )
    if progress.at_chance:
        return Text(
            "The loss stands at {end:.4g}, where guessing would be ({chance:.4g}).",
            "손실이 {end:.4g}[으로/로], 무작위 추측 수준({chance:.4g})에 머물러 있습니다.",
            values,
        )
    if progress.state == "stuck":
        return Text(
            "The loss has not moved: {start:.4g} at the start, {end:.4g} at the end.",
            "손실이 움직이지 않았습니다: 처음 {start:.4g}, 끝 {end:.4g}.",
            values,
        )
    return Text(
        "The loss went from {start:.4g} to {end:.4g}.",
        "손실은 {start:.4g}에서 {end:.4g}[으로/로] 변했습니다.",
        values,
    )
