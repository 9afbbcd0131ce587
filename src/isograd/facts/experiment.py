"""The experiments that were made with a pass of a run, as they are kept in its record.

They stand there as an event, so that a record that is read again names the same causes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from isograd.facts.finding import Cause
from isograd.facts.intervention import Intervened, InterventionTable
from isograd.facts.record import Event, Observed
from isograd.facts.text import Text

KIND: Literal["experiment"] = "experiment"


@dataclass(frozen=True)
class Experiment:
    """What interventions on one pass of one network say."""

    step: int
    """The optimizer step that the pass belonged to."""
    causes: tuple[Cause, ...]
    """Causes, the largest share first."""
    table: InterventionTable
    """What was tried, and to what gain it led."""


def as_event(experiment: Experiment) -> Event:
    """The experiment as it is kept in a record."""
    table = experiment.table
    detail: dict[str, object] = {
        "causes": [[cause.cause, cause.share] for cause in experiment.causes],
        "network": table.network,
        "before": _word(table.before),
        "tolerance": table.tolerance,
        "rows": [[list(row.names), _word(row.gain)] for row in table.rows],
        "labels": {name: _spoken(label) for name, label in table.labels.items()},
        "sufficient": [list(names) for names in table.sufficient],
        "shares": dict(table.shares),
        "dead_site": table.dead_site,
        "dead_share": _word(table.dead_share),
    }
    return Event(experiment.step, KIND, table.site, "", "", detail)


def experiments_of(observed: Observed) -> tuple[Experiment, ...]:
    """The experiments that were made with a network.

    >>> table = InterventionTable("net", "", -9.0, 1.5, (Intervened(("bias",), float("-inf")),), {}, (), {})
    >>> kept = as_event(Experiment(3, (Cause("depth", 1.0, "intervention"),), table))
    >>> _from(kept).table == table or _from(kept).table.rows == table.rows
    True
    """
    return tuple(_from(event) for event in observed.events if event.kind == KIND)


def _from(event: Event) -> Experiment:
    detail: Mapping[str, Any] = event.detail
    table = InterventionTable(
        network=detail["network"],
        site=event.site,
        before=float(detail["before"]),
        tolerance=float(detail["tolerance"]),
        rows=tuple(Intervened(tuple(names), float(gain)) for names, gain in detail["rows"]),
        labels={name: _heard(label) for name, label in detail["labels"].items()},
        sufficient=tuple(tuple(names) for names in detail["sufficient"]),
        shares=dict(detail["shares"]),
        dead_site=detail["dead_site"],
        dead_share=float(detail["dead_share"]),
    )
    causes = tuple(Cause(name, float(share), "intervention") for name, share in detail["causes"])
    return Experiment(event.step, causes, table)


def _word(number: float) -> str:
    """JSON knows no infinity; Python's own words for it are read back by `float`."""
    return repr(float(number))


def _spoken(text: Text) -> dict[str, object]:
    values = {key: _spoken(value) if isinstance(value, Text) else value for key, value in text.values.items()}
    return {"en": text.en, "ko": text.ko, "values": values}


def _heard(kept: Mapping[str, Any]) -> Text:
    values = {k: _heard(v) if isinstance(v, dict) and "en" in v else v for k, v in kept["values"].items()}
    return Text(kept["en"], kept["ko"], values)
