"""Sentences that were made in English far from any reader, found again by their form and told in another language."""

import re
from collections.abc import Iterable

from isograd.facts import Language, Text
from isograd.report.language import render

_FIELD = re.compile(r"\\{(\w+)\\}")


def translated(sentence: str, known: Iterable[Text], language: Language) -> str:
    """The sentence in that language.

    Args:
        sentence: In English.
        known: Forms of sentences; a field stands for whatever is in its place, and the first form that fits counts.
        language: To tell it in; a sentence of no known form stays as it is.

    >>> known = (Text("{file} is empty", "{file}[이/가] 비어 있습니다"),)
    >>> translated("a.py is empty", known, "ko"), translated("a.py is full", known, "ko")
    ('a.py가 비어 있습니다', 'a.py is full')
    """
    for form in known if language != "en" else ():
        found = re.fullmatch(_FIELD.sub(r"(?P<\1>.*)", re.escape(form.en)), sentence, re.DOTALL)
        if found:
            return render(Text(form.en, form.ko, found.groupdict()), language)
    return sentence
