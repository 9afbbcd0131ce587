"""Options that several commands share, and what they come to."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from isograd.errors import UsageError

if TYPE_CHECKING:
    from isograd.facts import Language

_F = TypeVar("_F", bound=Callable[..., Any])
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")


@dataclass
class Settings:
    """What `main` needs to know even when a command fails."""

    debug: bool = False
    """Show tracebacks of isograd's own errors."""
    lang: str | None = None
    """What `--lang` says."""


@dataclass(frozen=True)
class Outputs:
    """What a command is to leave behind beside its text."""

    json: str | None
    """Absolute path of the findings file, `-` for standard output, None for no such file."""
    html: str | None
    """Absolute path of a further copy of the report."""
    lang: str | None
    """`en`, `ko`, or None for the locale's."""
    quiet: bool
    """Print nothing but complaints."""
    fail_on: str
    """`error`, `warning` or `never`."""
    debug: bool = False
    """Show tracebacks of isograd's own errors."""
    locale: Mapping[str, str] = field(default_factory=lambda: {k: os.environ[k] for k in LOCALE if k in os.environ})
    """The locale's variables as they were before the script could change them."""

    @property
    def language(self) -> "Language":
        """The language to speak."""
        from isograd.report.language import default_language

        if self.lang in ("en", "ko"):
            return "ko" if self.lang == "ko" else "en"
        return default_language(self.locale)


class Share(click.ParamType):  # type: ignore[type-arg]  # takes an argument only since click 8.4
    """A share of the time: `1%` or `0.01`, both stand for 0.01."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Turns the words into a number above 0 and at most 1."""
        if isinstance(value, float):
            return value
        try:
            share = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
        except ValueError:
            self.fail(f"{value!r} is no share of the time; write 1% or 0.01.", param, ctx)
        if not 0 < share <= 1:
            self.fail(f"{value!r} is not above 0 and at most 100%; write 1% or 0.01.", param, ctx)
        if share == 1 and not value.endswith("%"):
            self.fail(f"{value!r} may mean 1% or 100%; write it with a percent sign.", param, ctx)
        return share


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    ctx.ensure_object(Settings).debug = value
    return value


def _set_lang(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    ctx.ensure_object(Settings).lang = value
    return value


def output_options(command: _F) -> _F:
    """Adds the options that `run` and `view` share; `outputs` takes their values."""
    options = (
        click.option("--json", metavar="FILE", help="Write the findings as JSON; - for standard output."),
        click.option("--html", metavar="FILE", help="Write the report as one HTML file that needs no network."),
        language_option,
        click.option("-q", "--quiet", is_flag=True, help="Print nothing but complaints."),
        click.option(
            "--fail-on",
            type=click.Choice(["error", "warning", "never"]),
            default="never",
            show_default=True,
            help="Exit with status 3 if there is such a finding or a graver one.",
        ),
        debug_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


language_option = click.option(
    "--lang",
    type=click.Choice(["en", "ko"]),
    is_eager=True,
    callback=_set_lang,
    help="Language of the report. [default: the locale's]",
)
debug_option = click.option(
    "--debug", is_flag=True, is_eager=True, callback=_set_debug, help="Show tracebacks of isograd's own errors."
)


def outputs(json: str | None, html: str | None, **others: Any) -> Outputs:
    """The values of `output_options`, with paths that hold wherever the script changes to.

    Raises:
        UsageError: A file cannot be written where it is asked for.
    """
    return Outputs(
        json=json if json in (None, "-") else _writable(json, "--json"),
        html=None if html is None else _writable(html, "--html"),
        **others,
    )


def _writable(file: str | None, option: str) -> str:
    """The absolute path, after a look at whether it can be written: hours later is too late to say so."""
    path = os.path.join(os.getcwd(), file or "")
    folder = os.path.dirname(path)
    if os.path.isdir(path):
        raise UsageError(f"{option} takes a file and got the folder {file}")
    if not os.path.isdir(folder):
        raise UsageError(f"{option} {file}: there is no folder {folder}; make it first")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise UsageError(f"{option} {file} cannot be written; name a file that can")
    return path
