"""The report as one page: a single file that needs no network and runs no code but its own."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from isograd.facts import Diagnosis, Language, Record
from isograd.facts.experiment import experiments_of
from isograd.report.figures.heat_map import columns_for
from isograd.report.issue_text import issue_text
from isograd.report.page.data import page_data
from isograd.report.page.findings import finding_views
from isograd.report.page.lead import Lead
from isograd.report.page.network import network_view
from isograd.report.page.section import Section
from isograd.report.page.summary import key_figures, run_facts, started, verdict
from isograd.report.page.words import words
from isograd.report.run_notes import run_notes
from isograd.report.tried import tried_section

STYLES = ("page.css", "charts.css")
"""Style sheets, in order."""
SCRIPTS = ("colours.js", "theme.js", "heat_picture.js", "heat.js", "chart.js", "copy.js")
"""Scripts, in order; each is a function of its own."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that act instead of being seen: controls, changes of direction, halves of characters (no UTF-8)."""
_EXPONENT = re.compile(r"(?<![\w.])10\^(-?)(\d+(?:\.\d+)?)")
_NO_PAGES: Mapping[str, str] = MappingProxyType({})


def _tried(record: Record, language: Language) -> tuple[Section, ...]:
    tables = [one.table for observed in record.observed for one in experiments_of(observed)]
    return tuple(tried_section(table, number, language) for number, table in enumerate(tables, start=1))


def render_html(
    record: Record,
    diagnosis: Diagnosis,
    language: Language,
    pages: Mapping[str, str] = _NO_PAGES,
    sections: Sequence[Section] = (),
    lead: Lead | None = None,
) -> str:
    """The report of a run as one self-contained HTML page.

    Args:
        record: What was seen of the run.
        diagnosis: What the rules found in it.
        language: `en` or `ko`.
        pages: Markdown of the rules' pages by rule code, folded in below each finding.
        sections: What else is to stand between the findings and the networks.
        lead: The head of a page that is about more than the run; None for a page about the run.

    Returns:
        HTML, to be written as UTF-8. A content security policy in its head allows no request at all and no code but
        its own; every name from the user's model is escaped.
    """
    say = words(language)
    most_columns = columns_for(sum(min(200, len(observed.network.sites)) for observed in record.observed))
    networks = tuple(
        network_view(observed, f"network-{number}", language, say, most_columns)
        for number, observed in enumerate(record.observed, start=1)
    )
    findings = finding_views(record, diagnosis, language, say, pages)
    if lead is None:
        banner = verdict(record, diagnosis, findings, language, say)
        lead = Lead(say("report"), banner, key_figures(record, language, say), say("findings"))
    style, script = _joined(STYLES), _joined(SCRIPTS)
    page = _environment().get_template("page.html.j2")
    html = page.render(
        language=language,
        say=say,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        data=page_data(networks, say),
        run=record.run,
        notes=run_notes(record.run, language),
        started=started(record.run),
        lead=lead,
        findings=findings,
        sections=(*sections, *_tried(record, language)),
        networks=networks,
        facts=run_facts(record.run, language, say),
        issue_text=issue_text(record, diagnosis, language),
    )
    return _UNSEEN.sub("", html)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("isograd.report", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    return environment


def prose(sentence: str) -> Markup:
    """A sentence as HTML: what stands between backticks is set as code, and `10^-9` with a raised exponent.

    Example:
        >>> prose("Use `nn.ReLU()`, not <b>: 10^-9")
        Markup('Use <code>nn.ReLU()</code>, not &lt;b&gt;: 10<sup>−9</sup>')
    """
    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # a lone backtick is a character like any other
        parts = [sentence]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else _raised(part) for index, part in enumerate(parts)
    )


def _raised(text: str) -> Markup:
    return Markup(_EXPONENT.sub(lambda found: f"10<sup>{'−' * len(found[1])}{found[2]}</sup>", str(escape(text))))


def _joined(names: tuple[str, ...]) -> str:
    folder = files("isograd.report").joinpath("assets")
    # The browser hashes the text between the tags, line ends as it reads them.
    return "\n" + "\n".join(folder.joinpath(name).read_text("utf-8").replace("\r\n", "\n") for name in names)


def _policy(style: str, script: str) -> str:
    """Nothing but the page's own style and script, by their hashes; images only from within the page."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
