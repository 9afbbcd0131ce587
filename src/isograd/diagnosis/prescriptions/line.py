"""One line of a prescription: a remedy by name, the change in words, and what it should do, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A remedy for a cause; the sentences may use the fields {where}, {nonlinearity} and those of `rate_words`."""

    remedy: str
    """One of `vocabulary.REMEDIES`."""
    change_en: str
    """What to change, in PyTorch's words."""
    change_ko: str
    """The same in Korean."""
    expected_en: str
    """What that is expected to do."""
    expected_ko: str
    """The same in Korean."""
