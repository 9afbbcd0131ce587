"""From a record to what the user reads: text, findings file, HTML, exit status."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from isograd.cli import sentences
from isograd.cli.console import complain, write
from isograd.cli.options import Outputs

if TYPE_CHECKING:
    from isograd.facts import Diagnosis, Record, Text

FINDING_STATUS = 3
"""Exit status where `--fail-on` applies."""


def say(text: "Text", outputs: Outputs, stream: TextIO | None = None) -> None:
    """Writes one sentence under isograd's name, in the language asked for."""
    from isograd.report.language import render

    complain(render(text, outputs.language), stream)


def print_diagnosis(
    record: "Record", diagnosis: "Diagnosis", outputs: Outputs, stream: TextIO | None, report_path: str | None
) -> None:
    """Prints the verdict, as wide as the terminal and in colour where that is wanted."""
    from isograd.report.terminal.run import render_terminal

    if stream is not None:
        write(render_terminal(record, diagnosis, outputs.language, report_path=report_path, stream=stream), stream)


def write_findings(record: "Record", diagnosis: "Diagnosis", outputs: Outputs, file: str, output: TextIO) -> bool:
    """Writes the findings file; `-` stands for the output stream.

    Returns:
        Whether it is there; if not, that was said.
    """
    from isograd.report.findings import findings

    found = findings(record, diagnosis, "run", outputs.language)
    text = json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    if file == "-":
        write(text, output)
        return True
    return write_text(file, lambda: text, outputs)


def write_page(record: "Record", diagnosis: "Diagnosis", outputs: Outputs, file: str) -> bool:
    """Writes the HTML report.

    Returns:
        Whether it is there; if not, that was said.
    """
    from isograd.diagnosis.rules import RULES
    from isograd.report.page.document import render_html

    pages = {rule.code: rule.page(outputs.language) for rule in RULES}
    return write_text(file, lambda: render_html(record, diagnosis, outputs.language, pages), outputs)


def status_for(diagnosis: "Diagnosis", outputs: Outputs) -> int:
    """3 if `--fail-on` applies to one of the findings, else 0."""
    grave = {"error": ("error",), "warning": ("error", "warning"), "never": ()}[outputs.fail_on]
    return FINDING_STATUS if any(finding.severity in grave for finding in diagnosis.findings) else 0


def shown_path(path: str | Path, home: str) -> str:
    """The path as short as it can be written from the folder in which the user stands."""
    relative = os.path.relpath(path, home)
    return str(path) if relative.startswith(os.pardir) else relative


def write_text(file: str, text: Callable[[], str], outputs: Outputs) -> bool:
    """Writes a file that was asked for.

    Returns:
        Whether it is there; if not, that was said.
    """
    content = text()
    try:
        Path(file).write_text(content, encoding="utf-8")
    except OSError as error:
        say(sentences.no_file(file, error.strerror or type(error).__name__), outputs)
        return False
    return True
