"""What to do about each cause: tables of sentences, and the functions that fill them in."""

from collections.abc import Mapping, Sequence
from string import Formatter
from types import MappingProxyType

from isograd.diagnosis import levels
from isograd.diagnosis.activations import canonical, is_squashing
from isograd.diagnosis.harm import clipping
from isograd.diagnosis.layer_words import span
from isograd.diagnosis.lowering import lowering
from isograd.diagnosis.prescriptions.advice import ADVICE, IDLE
from isograd.diagnosis.prescriptions.line import Line
from isograd.diagnosis.prescriptions.numbers import NUMBERS
from isograd.diagnosis.prescriptions.place import place
from isograd.diagnosis.prescriptions.rate import RATE
from isograd.diagnosis.prescriptions.rate_words import rate_words
from isograd.diagnosis.prescriptions.signal import DRIVE, HE, SIGNAL, XAVIER
from isograd.facts import Cause, Observed, Remedy, Text

PRESCRIPTIONS: dict[str, tuple[Line, ...]] = {**SIGNAL, **RATE, **NUMBERS}
"""Cause to lines, best first; a cause of the vocabulary without one has advice."""

MOSTLY = 0.5
"""Where clipping bound on more than this share of the steps, it is no news to the user, and has not helped."""
MOST_REMEDIES = 4
"""More than that is no advice."""
MOST_ADVICE = 2
"""Sentences that are told before the remedies."""


_NOWHERE: Mapping[str, Sequence[str]] = MappingProxyType({})
_INITIAL = ("init-too-small", "init-too-large")


def prescribe(
    observed: Observed,
    causes: Sequence[Cause],
    sites: Sequence[str],
    culprits: Mapping[str, Sequence[str]] = _NOWHERE,
) -> tuple[Remedy, ...]:
    """The remedies for some causes: the best one of each, then more for the first; each remedy once.

    Args:
        observed: The network, for its learning rate.
        causes: Largest share first.
        sites: Where the harm was found.
        culprits: By cause, where the change belongs if not there.

    Returns:
        At most four remedies.
    """
    clips = clipping(observed)[0] > MOSTLY
    best: dict[str, Remedy] = {}
    more: dict[str, Remedy] = {}
    causes = _activation_first(causes)
    for cause in causes:
        values = _values(observed, culprits.get(cause.cause) or place(cause.cause, observed, sites))
        # A cause behind the first one gets its best remedy only: three causes with three remedies each are no advice.
        told = clips and cause.cause != "clipping-too-tight"
        fitting = _fitting(observed, cause.cause, sites)
        lines = [line for line in fitting if not (told and line.remedy.startswith("clip:"))]
        for line in lines[: 3 if cause is causes[0] else 1]:
            (best if line is lines[0] else more).setdefault(line.remedy, _remedy(line, values))
    return tuple({**best, **more, **best}.values())[:MOST_REMEDIES]  # the best in front, in their own words


def _activation_first(causes: Sequence[Cause]) -> Sequence[Cause]:
    """Another activation brings the initial values that suit it; new initial values leave a sigmoid what it is."""
    names = {cause.cause for cause in causes}
    if "saturating-activation" not in names or not names.intersection(_INITIAL):
        return causes
    return sorted(causes, key=lambda cause: cause.cause != "saturating-activation")


def _fitting(observed: Observed, cause: str, sites: Sequence[str]) -> tuple[Line, ...]:
    """The lines of a cause that suit the network."""
    recurrent = {site.name for site in observed.network.sites if site.kind == "recurrent"}
    if cause == "input-scale" and recurrent.intersection(sites):
        return (DRIVE,)
    return _for_the_activation(observed, cause)


def _for_the_activation(observed: Observed, cause: str) -> tuple[Line, ...]:
    """He's initialisation where units rectify, Glorot's where they are bounded or there is no activation."""
    lines = PRESCRIPTIONS[cause]
    if cause not in _INITIAL:
        return lines
    named = [site.activation for site in observed.network.sites if site.kind == "weight" and site.activation]
    first = HE if 2 * sum(map(is_squashing, named)) < len(named) else XAVIER
    others = tuple(line for line in lines if line.remedy not in (HE.remedy, XAVIER.remedy))
    return (first, *others)


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
