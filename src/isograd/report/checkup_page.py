"""A checkup as one HTML page: the page of a run with what was tried, forecast and advised."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Checkup, InterventionTable, Language
from isograd.report.checkup_join import join
from isograd.report.checkup_texts import decades, is_restored, row_name, sentence, tell
from isograd.report.language import render
from isograd.report.page import render_html
from isograd.report.page_section import Section

_NO_PAGES: Mapping[str, str] = MappingProxyType({})


def checkup_html(checkup: Checkup, language: Language, pages: Mapping[str, str] = _NO_PAGES) -> str:
    """The checkup as one self-contained HTML page.

    Args:
        checkup: What was found.
        language: `en` or `ko`.
        pages: Markdown of the rules' pages by rule code.
    """
    advice = Section("advice", tell("advice_title", language), render(checkup.advice, language))
    tables = (_tried(table, number, language) for number, table in enumerate(checkup.interventions, start=1))
    sections = (advice, *tables, *_expected(checkup, language))
    return render_html(checkup.record, checkup.diagnosis, language, pages, sections)


def _tried(table: InterventionTable, number: int, language: Language) -> Section:
    caption = tell("tried_caption_time", language, site=table.site) if table.site else tell("tried_caption", language)
    caption = f"{sentence(table, language)}. {caption}" if table.sufficient else caption
    rows = [(tell("as_is", language), decades(table.before, language), "")]
    for row in table.rows:
        mark = tell("restored", language) if is_restored(row, table) else ""
        rows.append((row_name(row, table, language), decades(row.gain, language), mark))
    marked = frozenset(index for index, (_, _, mark) in enumerate(rows) if mark)
    head = (tell("change", language), tell("gain", language), "")
    return Section(f"tried-{number}", tell("tried_title", language), caption, head, tuple(rows), marked)


def _expected(checkup: Checkup, language: Language) -> tuple[Section, ...]:
    seen = join(checkup)
    if not seen:
        return ()
    rows = tuple(
        (
            one.site,
            decades(one.expected, language),
            f"{decades(one.low, language)} .. {decades(one.high, language)}",
            decades(one.measured, language),
        )
        for one in seen
    )
    head = tuple(tell(name, language) for name in ("layer", "expected", "bar", "measured"))
    return (Section("forecast", tell("forecast_title", language), tell("forecast_caption", language), head, rows),)
