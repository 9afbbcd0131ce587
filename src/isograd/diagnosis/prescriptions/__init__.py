"""What to do about each cause: tables of sentences, and the functions that fill them in."""

from collections.abc import Sequence
from string import Formatter

from isograd.diagnosis import levels
from isograd.diagnosis.activations import canonical
from isograd.diagnosis.harm import clipping
from isograd.diagnosis.lowering import lowering
from isograd.diagnosis.prescriptions.advice import ADVICE, IDLE
from isograd.diagnosis.prescriptions.line import Line
from isograd.diagnosis.prescriptions.numbers import NUMBERS
from isograd.diagnosis.prescriptions.rate import RATE
from isograd.diagnosis.prescriptions.rate_words import rate_words
from isograd.diagnosis.prescriptions.signal import SIGNAL
from isograd.facts import Cause, Observed, Remedy, Text

PRESCRIPTIONS: dict[str, tuple[Line, ...]] = {**SIGNAL, **RATE, **NUMBERS}
"""Cause to lines, best first; a cause of the vocabulary without one has advice."""

MOSTLY = 0.5
"""Where clipping bound on more than this share of the steps, it is no news to the user, and has not helped."""
MOST_REMEDIES = 4
"""More than that is no advice."""
MOST_ADVICE = 2
"""Sentences that are told before the remedies."""


def prescribe(observed: Observed, causes: Sequence[Cause], sites: Sequence[str]) -> tuple[Remedy, ...]:
    """The remedies for some causes, those of the largest cause first, each remedy once.

    Args:
        observed: The network, for its learning rate.
        causes: Largest share first.
        sites: Where the change belongs.

    Returns:
        At most four remedies.
    """
    values, clips = _values(observed, sites), clipping(observed)[0] > MOSTLY
    chosen: dict[str, Remedy] = {}
    for cause in causes:
        # A cause behind the first one gets its best remedy only: three causes with three remedies each are no advice.
        told = clips and cause.cause != "clipping-too-tight"
        lines = [line for line in PRESCRIPTIONS[cause.cause] if not (told and line.remedy.startswith("clip:"))]
        for line in lines[: 3 if cause is causes[0] else 1]:
            chosen.setdefault(line.remedy, _remedy(line, values))
    return tuple(chosen.values())[:MOST_REMEDIES]


def advise(observed: Observed, causes: Sequence[Cause], sites: Sequence[str]) -> tuple[Text, ...]:
    """What to do about some causes that no remedy is made for.

    Args:
        observed: The network.
        causes: Largest share first; one of less than half the largest is left to the remedies.
        sites: Where the harm was found; none where a gradient that arrives moves no weight.

    Returns:
        At most two sentences, to be told before the remedies.
    """
    values = _values(observed, sites)
    weighty = [cause.cause for cause in causes if 2 * cause.share >= causes[0].share]
    keys = [IDLE if cause == "detached" and not sites else cause for cause in weighty]
    texts = [text for key in keys for text in ADVICE.get(key, ())]
    return tuple(_filled(text.en, text.ko, values) for text in texts)[:MOST_ADVICE]


def span(sites: Sequence[str]) -> str:
    """Names of sites in short: one, two, or the first and the last.

    >>> span(["a"]), span(["a", "b"]), span(["a", "b", "c"])
    ('a', 'a, b', 'a … c')
    """
    if len(sites) <= 2:
        return ", ".join(sites)
    return f"{sites[0]} … {sites[-1]}"


def _values(observed: Observed, sites: Sequence[str]) -> dict[str, object]:
    rates = observed.steps.learning_rate
    rate = float(rates.max()) if rates.size else observed.network.settings.get("lr", 1e-3)
    where = span(sites) or observed.network.name
    words = rate_words(rate, levels.adaptive(observed.network), lowering(observed))
    return {"where": where, "nonlinearity": _nonlinearity(observed, sites), **words}


def _nonlinearity(observed: Observed, sites: Sequence[str]) -> str:
    """What torch.nn.init calls the activation behind most of the sites; relu where it knows none of that name."""
    behind = [canonical(site.activation) for site in observed.network.sites if site.name in sites and site.activation]
    usual = max(behind, key=behind.count, default="")
    return usual if usual in ("tanh", "leaky_relu", "selu") else "relu"


def _remedy(line: Line, values: dict[str, object]) -> Remedy:
    return Remedy(
        line.remedy,
        _filled(line.change_en, line.change_ko, values),
        _filled(line.expected_en, line.expected_ko, values),
    )


def _filled(en: str, ko: str, values: dict[str, object]) -> Text:
    used = {name for _, name, _, _ in Formatter().parse(en) if name}
    return Text(en, ko, {name: values[name] for name in used})
