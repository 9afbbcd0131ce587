"""Names of the vocabulary, looked up and rendered; a name of somebody's own rule is shown as it is."""

import math

from isograd.facts import Health, Language, Problem, Remedy, Severity
from isograd.report.catalogue.causes import CAUSES
from isograd.report.catalogue.problems import HEALTHS, PROBLEMS, SEVERITIES
from isograd.report.catalogue.quantities import QUANTITIES
from isograd.report.catalogue.remedies import REMEDIES
from isograd.report.language import render
from isograd.report.numbers import factor, percent, plain, power

_UNIT_ENDINGS = ("_decades", "_share", "_steps", "_log10", "_ratio")
_COUNTED = {
    "steps": ("{} step", "{} steps", "{}스텝"),
    "time steps": ("{} time step", "{} time steps", "{}개 시점"),
    "layers": ("{} layer", "{} layers", "{}개 층"),
    "units": ("{} unit", "{} units", "{}개 뉴런"),
    "parameters": ("{} parameter", "{} parameters", "매개변수 {}개"),
}


def problem_title(problem: Problem, language: Language) -> str:
    """The heading of a problem, e.g. `Vanishing gradient`."""
    return render(PROBLEMS[problem], language)


def severity_title(severity: Severity, language: Language) -> str:
    """A severity as a word."""
    return render(SEVERITIES[severity], language)


def health_title(health: Health, language: Language) -> str:
    """A health as a word or two."""
    return render(HEALTHS[health], language)


def cause_title(cause: str, language: Language) -> str:
    """The name of a cause; one that is not in the vocabulary is shown as it is.

    >>> cause_title("depth", "ko"), cause_title("my-own", "ko")
    ('층마다 조금씩 줄거나 커지는 기울기가 쌓이는 깊이', 'my-own')
    """
    return render(CAUSES[cause], language) if cause in CAUSES else cause


def remedy_title(remedy: str, language: Language) -> str:
    """The name of a remedy; one that is not in the vocabulary is shown as it is."""
    return render(REMEDIES[remedy].title, language) if remedy in REMEDIES else remedy


def remedy_change(remedy: Remedy, language: Language) -> str:
    """What to change: the finding's own sentence, else the catalogue's, else nothing."""
    if remedy.change is not None:
        return render(remedy.change, language)
    return render(REMEDIES[remedy.remedy].change, language) if remedy.remedy in REMEDIES else ""


def quantity_title(quantity: str, language: Language) -> str:
    """The name of a quantity, with or without a unit at its end; an unknown one in plain words.

    >>> quantity_title("gain_decades", "en"), quantity_title("my_own_share", "en")
    ('gradient gain, last layer to first', 'my own share')
    """
    for name in (quantity, *(quantity.removesuffix(ending) for ending in _UNIT_ENDINGS)):
        if name in QUANTITIES:
            return render(QUANTITIES[name], language)
    return quantity.replace("_", " ")


def _share(share: float, language: Language) -> str:
    """In per cent; less than a thousandth in full, since beside a limit as small `<0.1 %` would say nothing."""
    if not 0 < abs(share) < 1e-3:
        return percent(share, language)
    return f"{100 * share:.2g}{' %' if language == 'en' else '%'}"


def quantity_value(value: float, unit: str, language: Language, quantity: str = "") -> str:
    """A number with its unit, as people read it.

    Args:
        value: the number; decades become the factor or the power of ten that they stand for.
        unit: `decades`, `share`, `steps`, `layers`, `units` ...; an unknown unit is written behind the number.
        language: of the words.
        quantity: its name; one that ends in `_log10` is a size and no factor, one in `_ratio` no percentage.

    >>> quantity_value(-9.0, "decades", "en"), quantity_value(0.64, "share", "ko"), quantity_value(12, "steps", "ko")
    ('×10^-9.0', '64%', '12스텝')
    """
    if unit == "decades":
        return power(value) if quantity.endswith("_log10") else factor(value, language)
    if unit == "share" and not quantity.endswith("_ratio"):
        return _share(value, language)
    unit = "" if unit == "share" else unit  # an update ratio of 1e-3 is known by that number
    whole = int(value) if math.isfinite(value) and value == int(value) else value
    if unit in _COUNTED:
        return _counted(whole, unit, language)
    return f"{plain(whole)} {unit}".rstrip()


def _counted(number: float, unit: str, language: Language) -> str:
    one, many, korean = _COUNTED[unit]
    english = one if number == 1 else many
    return (english if language == "en" else korean).format(plain(number))
