"""A checkup as one HTML page: the page of a run with what was tried, forecast and advised."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Checkup, Language
from isograd.report.catalogue import health_title
from isograd.report.checkup.join import join
from isograd.report.checkup.texts import bar, decades, tell
from isograd.report.language import render
from isograd.report.numbers import count
from isograd.report.page.document import render_html
from isograd.report.page.lead import Lead
from isograd.report.page.section import Section
from isograd.report.page.summary import Figure, Verdict, gain
from isograd.report.page.words import Say, words
from isograd.report.tried import tried_section

_NO_PAGES: Mapping[str, str] = MappingProxyType({})


def checkup_html(checkup: Checkup, language: Language, pages: Mapping[str, str] = _NO_PAGES) -> str:
    """The checkup as one self-contained HTML page.

    Args:
        checkup: What was found.
        language: `en` or `ko`.
        pages: Markdown of the rules' pages by rule code.
    """
    title, said = tell("advice_title", language), render(checkup.advice, language)
    advice = Section("advice", title, said, leads=True)
    tables = (tried_section(table, number, language) for number, table in enumerate(checkup.interventions, start=1))
    sections = (advice, *tables, *_expected(checkup, language))
    return render_html(checkup.record, checkup.diagnosis, language, pages, sections, _lead(checkup, language))


def _lead(checkup: Checkup, language: Language) -> Lead:
    """The head of the page: what was found, and the figures of a look before any step was taken."""
    diagnosis, say = checkup.diagnosis, words(language)
    told = diagnosis.findings[0].summary if diagnosis.findings else checkup.advice
    banner = Verdict(diagnosis.health, health_title(diagnosis.health, language), render(told, language), "")
    return Lead(tell("kicker", language), banner, _figures(checkup, language, say), say("findings"))


def _figures(checkup: Checkup, language: Language, say: Say) -> tuple[Figure, ...]:
    seen, forecast = checkup.record.observed[0], checkup.forecast
    size = count(seen.network.num_parameters)
    figures = [
        Figure(tell("network", language), seen.network.type, tell("of_size", language, size=size)),
        Figure(
            tell("gain_measured", language), *gain(float(seen.steps.gain[0]), tell("on_batch", language), language, say)
        ),
    ]
    if forecast is not None and not math.isnan(forecast.gain):
        held = tell("bar_of", language, bar=bar(forecast.low, forecast.high, language))
        figures.append(Figure(tell("gain_expected", language), *gain(forecast.gain, held, language, say)))
    tried = sum(len(table.rows) for table in checkup.interventions)
    if tried:
        figures.append(Figure(tell("experiments", language), count(tried), tell("same_batch", language)))
    return tuple(figures)


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
