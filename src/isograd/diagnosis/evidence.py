"""Numbers as evidence: each built in one line, and those that were not measured left out."""

import math
from collections.abc import Iterable

from isograd.diagnosis.progress import Progress
from isograd.facts import Evidence


def share(
    quantity: str, value: float, limit: float | None = None, site: str | None = None, step: int | None = None
) -> Evidence:
    """A share, 0 to 1."""
    return Evidence(quantity, value, "share", limit, site, step)


def decades(quantity: str, value: float, limit: float | None = None, site: str | None = None) -> Evidence:
    """A distance in log10 of a norm."""
    return Evidence(quantity, value, "decades", limit, site)


def loss(progress: Progress) -> tuple[Evidence, ...]:
    """Where the loss began, where it ended, and what guessing would score."""
    return measured(
        (
            Evidence("loss_start", progress.start),
            Evidence("loss_end", progress.end),
            Evidence("loss_of_guessing", progress.chance),
        )
    )


def measured(all_evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Those that were measured: nan is no evidence."""
    return tuple(one for one in all_evidence if not math.isnan(one.value))
