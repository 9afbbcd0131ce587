"""What interventions were tried on a network: on a terminal, on the page, and in the findings file."""

from rich.console import RenderableType
from rich.padding import Padding

from isograd.facts import InterventionTable, Language
from isograd.report.checkup.texts import decades, is_restored, row_name, sentence, tell
from isograd.report.json_number import number
from isograd.report.language import render
from isograd.report.page.section import Section
from isograd.report.terminal.paper import Paper, columns, styled


def tried_block(table: InterventionTable, sheet: Paper) -> list[RenderableType]:
    """Each change with the gain that it led to; what restored it is marked."""
    language = sheet.language
    caption = tell("tried_caption_time", language, site=table.site) if table.site else tell("tried_caption", language)
    rows: list[tuple[RenderableType, ...]] = [
        (styled(tell("as_is", language)), styled(decades(table.before, language), "bold"), styled(""))
    ]
    for row in table.rows:
        good = is_restored(row, table)
        mark = f"{sheet.signs.right} {tell('restored', language)}" if good else ""
        name = styled(sheet.clean(row_name(row, table, language)))
        gain = styled(decades(row.gain, language), "bold green" if good else "bold")
        rows.append((name, gain, styled(mark, "green")))
    said = sentence(table, language)
    return [
        styled(tell("tried_title", language), "bold"),
        Padding(styled(sheet.clean(said or caption), "" if said else "dim"), (0, 0, 0, 2)),
        Padding(columns(*rows), (0, 0, 0, 2)),
    ]


def tried_section(table: InterventionTable, number: int, language: Language) -> Section:
    """What was tried on one network, as a section of the page."""
    caption = tell("tried_caption_time", language, site=table.site) if table.site else tell("tried_caption", language)
    caption = f"{sentence(table, language)}. {caption}" if table.sufficient else caption
    rows = [(tell("as_is", language), decades(table.before, language), "")]
    for row in table.rows:
        mark = tell("restored", language) if is_restored(row, table) else ""
        rows.append((row_name(row, table, language), decades(row.gain, language), mark))
    marked = frozenset(index for index, (_, _, mark) in enumerate(rows) if mark)
    head = (tell("change", language), tell("gain", language), "")
    return Section(f"tried-{number}", tell("tried_title", language), caption, head, tuple(rows), marked)


def tried_plain(table: InterventionTable, language: Language) -> dict[str, object]:
    """What was tried on one network, for the findings file."""
    return {
        "network": table.network,
        "site": table.site or None,
        "before": number(table.before),
        "tolerance": table.tolerance,
        "labels": {name: render(label, language) for name, label in table.labels.items()},
        "rows": [{"names": list(row.names), "gain": number(row.gain)} for row in table.rows],
        "sufficient": [list(names) for names in table.sufficient],
        "shares": {name: float(share) for name, share in table.shares.items()},
        "dead_site": table.dead_site or None,
        "dead_share": number(table.dead_share),
    }
