"""One sentence in both languages, with the values that go into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["en", "ko"]


@dataclass(frozen=True)
class Text:
    """A sentence in English and Korean; `report.language.render` fills in the values.

    Fields in braces are replaced by values, formatted as by `str.format`. In Korean a particle that depends on the
    sound before it is written as a pair in brackets after the field, e.g. `{site}[을/를]`.
    """

    en: str
    """The sentence in English, with fields in braces."""
    ko: str
    """The sentence in Korean, with the same fields and with particle pairs."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What goes into the fields, by name: numbers, names of sites, or further `Text`s."""
