"""The page's words in one language."""

from collections.abc import Callable

from isograd.facts import Language, Text
from isograd.report.language import render
from isograd.report.page.texts import PAGE_TEXTS

Say = Callable[..., str]
"""`say(name, **values)`: one of `PAGE_TEXTS` with its fields filled in."""


def words(language: Language) -> Say:
    """How the page says things in that language.

    Example:
        >>> words("en")("at_step", step="1,200")
        'at step 1,200'
    """

    def say(name: str, **values: object) -> str:
        text = PAGE_TEXTS[name]
        return render(Text(text.en, text.ko, values), language)

    return say
