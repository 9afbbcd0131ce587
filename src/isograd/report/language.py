"""A `Text` becomes a sentence of one language."""

from collections.abc import Mapping
from string import Formatter

from isograd.facts import Language, Text
from isograd.report.numbers import plain
from isograd.report.particles import append_literal

_FORMATTER = Formatter()


def render(text: Text, language: Language) -> str:
    """The sentence in that language, with its values filled in.

    Numbers without a format of their own get one (`numbers.plain`); a nested `Text` is rendered in the same language;
    a value that does not take the format which the sentence asks for is written as it is; a field without a value is
    left standing in its braces, because a report with a hole is worth more than none (`faults` finds such holes).

    Args:
        text: the sentence and its values.
        language: `en` or `ko`.

    Returns:
        The sentence. Values are data: particle pairs and braces inside them stay as they are.

    >>> render(Text("{site} is dead", "{site}[이/가] 죽었습니다", {"site": "layers.3"}), "ko")
    'layers.3이 죽었습니다'
    """
    template = text.en if language == "en" else text.ko
    sentence = ""
    for literal, field, spec, conversion in _FORMATTER.parse(template):
        sentence = append_literal(sentence, literal) if language == "ko" else sentence + literal
        if field is not None:
            sentence += _filled(text.values, field, spec or "", conversion, language)
    return sentence


def _filled(values: Mapping[str, object], field: str, spec: str, conversion: str | None, language: Language) -> str:
    if field not in values:
        return "{" + field + "}"
    value = values[field]
    if isinstance(value, Text):
        return render(value, language)
    if conversion:
        value = _FORMATTER.convert_field(value, conversion)
    if not spec:
        return plain(value)
    try:
        return format(value, spec)
    except (ValueError, TypeError):
        return plain(value)  # a word where a number was expected, e.g. "NaN" with `.1f`


def faults(text: Text) -> tuple[str, ...]:
    """What is wrong with a sentence that somebody wrote, for tests: empty if nothing is.

    >>> faults(Text("{gain:.1f} at {site}", "{site}에서 {gain:.1f}", {"gain": -3.0}))
    ('en: no value for {site}', 'ko: no value for {site}')
    """
    found = []
    fields = {language: _fields(template) for language, template in (("en", text.en), ("ko", text.ko))}
    if fields["en"] != fields["ko"]:
        found.append(f"en has the fields {sorted(fields['en'])}, ko {sorted(fields['ko'])}")
    for language, names in fields.items():
        found += [f"{language}: no value for {{{name}}}" for name in sorted(names - set(text.values))]
    for name, value in text.values.items():
        if isinstance(value, Text):
            found += [f"in {{{name}}}, {fault}" for fault in faults(value)]
    return tuple(found)


def _fields(template: str) -> set[str]:
    return {field for _, field, _, _ in _FORMATTER.parse(template) if field is not None}


def default_language(environ: Mapping[str, str]) -> Language:
    """The language that the user's locale asks for, as gettext reads it; English where it asks for none we have.

    >>> default_language({"LANG": "ko_KR.UTF-8"}), default_language({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"})
    ('ko', 'en')
    """
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if locale.split(".")[0] in ("C", "POSIX"):
        return "en"
    wanted = [*environ.get("LANGUAGE", "").split(":"), locale]
    for name in wanted:
        code = name.lower()[:2]
        if code == "ko":
            return "ko"
        if code == "en":
            return "en"
    return "en"
