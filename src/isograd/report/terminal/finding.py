"""One finding on a terminal: what, where, since when; how large; why; what to do."""

import math

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text as Styled

from isograd.facts import Cause, Evidence, Finding, Observed, Remedy
from isograd.report.catalogue import (
    cause_title,
    problem_title,
    quantity_title,
    quantity_value,
    remedy_change,
    remedy_title,
)
from isograd.report.findings import steps_seen
from isograd.report.language import render
from isograd.report.names import of_same_kind, shorten, where
from isograd.report.numbers import plain
from isograd.report.profile import profile
from isograd.report.terminal.paper import ROOMY, Paper, columns, styled
from isograd.report.terminal.picture import picture

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_MOST_REMEDIES = 3
_MOST_EVIDENCE = 7
_LOSSES = ("loss_start", "loss_end", "loss_of_guessing")  # three numbers that belong in one line
_INDENT = 2
_LABELS = ("where", "since", "began", "evidence", "picture", "why", "ruled_out", "do", "more")


def finding_block(finding: Finding, observed: Observed | None, named: bool, paper: Paper) -> list[RenderableType]:
    """All that is said about one finding.

    Args:
        finding: to be told.
        observed: the network that it was found in; None if the record no longer has it.
        named: True if the network's name must be said, because there are several.
        paper: how to write.
    """
    narrow = paper.width < ROOMY
    width = max(cell_len(paper.say(name)) for name in _LABELS)
    room = paper.width - _INDENT - (2 if narrow else width + 2)
    rows: list[tuple[str, RenderableType]] = [
        ("where", styled(place(finding, observed, named, paper), "bold")),
        ("since", styled(_period(finding, observed, paper))),
        *_beginnings(finding, observed, paper),
        ("", styled(paper.clean(render(finding.summary, paper.language)))),
        *_evidence_rows(finding, paper),
        *_picture_rows(finding, observed, room, paper),
        *_cause_rows(finding.causes, paper),
        *_what_to_do(finding, paper),
        ("more", styled(f"isograd explain {finding.rule}")),
    ]
    if narrow:
        return [headline(finding, paper), *_below_each_other(rows, paper)]
    table = columns(*((_label(name, width, paper), body) for name, body in rows), wraps=1)
    return [headline(finding, paper), Padding(table, (0, 0, 0, _INDENT))]


def _below_each_other(rows: list[tuple[str, RenderableType]], paper: Paper) -> list[RenderableType]:
    """Each label on a line of its own, its text below it."""
    lines: list[RenderableType] = []
    for name, body in rows:
        lines += [Padding(_label(name, 0, paper), (0, 0, 0, _INDENT))] if name else []
        lines.append(Padding(body, (0, 0, 0, _INDENT + 2)))
    return lines


def headline(finding: Finding, paper: Paper) -> Styled:
    """The finding's name with its sign and its rule's code."""
    signs = {"error": paper.signs.wrong, "warning": paper.signs.doubtful, "note": paper.signs.noted}
    style = STYLES[finding.severity]
    line = styled(f"{signs[finding.severity]} {paper.clean(problem_title(finding.problem, paper.language))}", style)
    line.append(f"  {finding.rule}", style="dim")
    return line


def place(finding: Finding, observed: Observed | None, named: bool, paper: Paper) -> str:
    """Where it was found, in one phrase."""
    sites = observed.network.sites if observed else ()
    name_room = max(16, paper.width // 3)
    phrase = paper.clean(where(finding.sites, sites, paper.language, name_room)) or paper.say("whole_network")
    number, total = len(finding.sites), of_same_kind(finding.sites, sites)
    if 3 <= number <= total:
        phrase = paper.say("all_layers" if number == total else "of_layers", where=phrase, number=number, total=total)
    return f"{paper.clean(finding.network)}: {phrase}" if named else phrase


def _label(name: str, width: int, paper: Paper) -> Styled:
    text = styled(paper.say(name) if name else "", "cyan")
    text.pad_right(max(0, width - text.cell_len))
    return text


def _period(finding: Finding, observed: Observed | None, paper: Paper) -> str:
    first, last = f"{finding.first_step:,}", f"{finding.last_step:,}"
    if finding.first_step == finding.last_step:
        return paper.say("at_step", first=first)
    ended = observed is not None and finding.last_step >= steps_seen(observed) - 1
    return paper.say("to_the_end" if ended else "to_step", first=first, last=last)


def _beginnings(finding: Finding, observed: Observed | None, paper: Paper) -> list[tuple[str, RenderableType]]:
    """For what is not finite, the event: in which pass it appeared, at which operation."""
    if finding.problem != "non-finite" or observed is None:
        return []
    event = next((event for event in observed.events if event.kind == "non-finite"), None)
    if event is None:
        return []
    parts = [paper.say("at_step", first=f"{event.step:,}")]
    parts += [paper.say(f"direction_{event.direction}")] if event.direction else []
    parts += [paper.clean(part) for part in (event.site, event.operation) if part]
    return [("began", styled(", ".join(parts)))]


def _evidence_rows(finding: Finding, paper: Paper) -> list[tuple[str, RenderableType]]:
    """Numbers beside their limits, as many as one takes in."""
    shown = [item for item in finding.evidence if _was_measured(item, finding)]
    if not shown:
        return []
    losses = {item.quantity: plain(item.value) for item in shown if item.quantity in _LOSSES}
    others = [item for item in shown if item.quantity not in losses]
    rows = [_evidence(item, finding, paper) for item in others[:_MOST_EVIDENCE]]
    more = len(others) - _MOST_EVIDENCE
    if more > 0:
        rows.append((styled(paper.say("more_evidence", count=more), "dim"),))
    entries: list[RenderableType] = [_aligned(rows, paper)] if rows else []
    if losses:
        entries.append(styled(", ".join(paper.say(name, loss=loss) for name, loss in losses.items())))
    return [("evidence", Group(*entries))]


def _aligned(rows: list[tuple[RenderableType, ...]], paper: Paper) -> RenderableType:
    """Names with their figures beside them, or below them where there is no room."""
    if paper.width >= ROOMY:
        return columns(*rows)
    lines: list[RenderableType] = []
    for name, *figures in rows:
        lines.append(name)
        lines += [Padding(columns(tuple(figures)), (0, 0, 0, _INDENT))] if figures else []
    return Group(*lines)


def _was_measured(item: Evidence, finding: Finding) -> bool:
    """A nan says "not measured", except where a value such as the loss was found to be one."""
    return not math.isnan(item.value) or (finding.problem == "non-finite" and not item.unit)


def _evidence(item: Evidence, finding: Finding, paper: Paper) -> tuple[RenderableType, ...]:
    language = paper.language
    title = styled(paper.clean(quantity_title(item.quantity, language)))
    known = item.site is None or finding.sites == (item.site,)  # said under "where" already
    site = "" if known else shorten(paper.clean(item.site or ""), 28, paper.signs.ellipsis)
    step = paper.say("at_step", first=f"{item.step:,}") if item.step is not None else ""
    about = ", ".join(part for part in (site, step) if part)
    if about:
        title.append(f" ({about})", style="dim")
    value = paper.clean(quantity_value(item.value, item.unit, language, item.quantity))
    limit = ""
    if item.limit is not None and not math.isnan(item.limit):
        limit = paper.say("limit", limit=quantity_value(item.limit, item.unit, language, item.quantity))
    return title, styled(value, "bold"), styled(limit, "dim")


def _picture_rows(
    finding: Finding, observed: Observed | None, room: int, paper: Paper
) -> list[tuple[str, RenderableType]]:
    drawn = profile(finding, observed) if observed else None
    return [("picture", Group(*picture(drawn, room, paper)))] if drawn else []


def _cause_rows(causes: tuple[Cause, ...], paper: Paper) -> list[tuple[str, RenderableType]]:
    """Likely causes, then those that were tested and found to have no share."""
    out = [cause for cause in causes if cause.share == 0 and cause.how != "rule"]
    likely = [cause for cause in causes if cause not in out]
    rows: list[tuple[str, RenderableType]] = []
    if likely:
        rows.append(("why", _aligned([_cause(cause, paper) for cause in likely], paper)))
    if out:
        names = ", ".join(cause_title(cause.cause, paper.language) for cause in out)
        rows.append(("ruled_out", styled(paper.clean(names))))
    return rows


def _cause(cause: Cause, paper: Paper) -> tuple[RenderableType, ...]:
    share = quantity_value(cause.share, "share", paper.language) if cause.share > 0 else ""
    title = styled(paper.clean(cause_title(cause.cause, paper.language)))
    return title, styled(share, "bold"), styled(paper.say(f"how_{cause.how}"), "dim")


def _what_to_do(finding: Finding, paper: Paper) -> list[tuple[str, RenderableType]]:
    """Plain advice first, then remedies, in one count."""
    advice = [styled(paper.clean(render(text, paper.language))) for text in finding.advice]
    entries = [*advice, *(_remedy(remedy, paper) for remedy in finding.remedies[:_MOST_REMEDIES])]
    rows = (columns((styled(f"{number}."), entry), wraps=1, gap=1) for number, entry in enumerate(entries, start=1))
    return [("do", Group(*rows))] if entries else []


def _remedy(remedy: Remedy, paper: Paper) -> RenderableType:
    lines = [styled(paper.clean(remedy_title(remedy.remedy, paper.language)), "bold")]
    change = paper.clean(remedy_change(remedy, paper.language))
    lines += [styled(change)] if change else []
    if remedy.expected is not None:
        expected = render(remedy.expected, paper.language)
        lines.append(styled(paper.say("expected", expected=expected), "dim"))
    return Group(*lines)
