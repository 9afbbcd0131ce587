"""A checkup as one HTML page: the page of a run with what was tried, forecast and advised."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Checkup, Language
from isograd.report.checkup_join import join
from isograd.report.checkup_texts import bar, decades, tell
from isograd.report.language import render
from isograd.report.page import render_html
from isograd.report.page_section import Section
from isograd.report.tried import tried_section

_NO_PAGES: Mapping[str, str] = MappingProxyType({})


def checkup_html(checkup: Checkup, language: Language, pages: Mapping[str, str] = _NO_PAGES) -> str:
    """The checkup as one self-contained HTML page.

    Args:
        checkup: What was found.
        language: `en` or `ko`.
        pages: Markdown of the rules' pages by rule code.
    """
    advice = Section("advice", tell("advice_title", language), render(checkup.advice, language))
    tables = (tried_section(table, number, language) for number, table in enumerate(checkup.interventions, start=1))
    sections = (advice, *tables, *_expected(checkup, language))
    return render_html(checkup.record, checkup.diagnosis, language, pages, sections)


def _expected(checkup: Checkup, language: Language) -> tuple[Section, ...]:
    seen = join(checkup)
    if not seen:
        return ()
    rows = tuple(
        (
            one.site,
            decades(one.expected, language),
            bar(one.low, one.high, language),
            decades(one.measured, language),
        )
        for one in seen
    )
    head = tuple(tell(name, language) for name in ("layer", "expected", "bar", "measured"))
    notes = tuple(render(note, language) for note in checkup.forecast.notes) if checkup.forecast else ()
    facts = ((tell("assumed", language), notes),) if notes else ()
    title, caption = tell("forecast_title", language), tell("forecast_caption", language)
    return (Section("forecast", title, caption, head, rows, facts=facts),)
