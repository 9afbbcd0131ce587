"""The change in the user's source on a terminal: as it is, so that it can be copied, and how far it can be trusted."""

from isograd.facts.verdict import Verdict
from isograd.report.terminal.paper import Paper, styled, written
from isograd.report.verdict.words import word

_CODES = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_PLAIN = "\x1b[0m"


def change_block(verdict: Verdict, sheet: Paper) -> str:
    """The diff, the lines to add by hand, and whether the patched source was seen to do the same."""
    parts = []
    if verdict.patch:
        parts.append(_titled("patch", sheet) + "".join(_diff_line(line, sheet) for line in verdict.patch.splitlines()))
    if verdict.by_hand:
        lines = "\n".join(verdict.by_hand).splitlines()
        parts.append(_titled("by_hand", sheet) + "".join(f"{sheet.clean_line(line)}\n" for line in lines))
    if verdict.patch:
        parts.append(_trust(verdict, sheet))
    return "".join(f"\n{part}" for part in parts)


def trust(verdict: Verdict) -> str:
    """How far a patch can be trusted, as a name of `VERDICT_TEXTS`."""
    if verdict.patch_verified is None:
        return "not_run"
    return "verified" if verdict.patch_verified else "unverified"


def _trust(verdict: Verdict, sheet: Paper) -> str:
    sign, style = (sheet.signs.right, "green") if verdict.patch_verified else (sheet.signs.doubtful, "yellow")
    return written([styled(f"{sign} {sheet.clean(word(trust(verdict), sheet.language))}", style)], sheet)


def _titled(name: str, sheet: Paper) -> str:
    return written([styled(word(name, sheet.language), "bold")], sheet)


def _diff_line(line: str, sheet: Paper) -> str:
    clean = sheet.clean_line(line)
    code = _CODES.get(line[:1], "") if sheet.colour and not line.startswith(("+++", "---")) else ""
    return f"{code}{clean}{_PLAIN}\n" if code else f"{clean}\n"
