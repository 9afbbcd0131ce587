"""Numbers of a remedy, as they come back from JSON."""

from isograd.errors import UsageError
from isograd.facts.treatment import Settings


def number(settings: Settings, name: str) -> float:
    """One setting that must be a number.

    Raises:
        UsageError: It is missing, or no number.

    >>> number({"max_norm": 1}, "max_norm")
    1.0
    """
    value = settings.get(name)
    if not isinstance(value, int | float):
        raise UsageError(f"the setting {name} must be a number. Got {value!r} instead.")
    return float(value)
