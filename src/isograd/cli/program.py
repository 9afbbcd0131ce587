"""The program `isograd`: its commands, its errors and its exit status."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence

import click

from isograd import __version__
from isograd.cli.check import check
from isograd.cli.console import INTERRUPTED_STATUS, complain
from isograd.cli.cure import cure
from isograd.cli.explain import explain
from isograd.cli.options import LOCALE, Settings
from isograd.cli.run import run
from isograd.cli.view import view
from isograd.errors import IsogradError

_USAGE_STATUS = 2


class _InOrder(click.Group):
    """Lists its commands in the order in which one comes to need them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Documentation of one command: isograd COMMAND --help",
)
@click.version_option(__version__, prog_name="isograd", message="%(prog)s %(version)s")
def commands() -> None:
    """Finds, explains and cures vanishing and exploding gradients in PyTorch training."""


for _command in (run, check, cure, view, explain):
    commands.add_command(_command)


def main() -> None:
    """Runs one command and exits with its status; bad input costs one sentence and status 2."""
    task = _parse(sys.argv[1:])
    # The user's script runs from here and not from within click, which would catch its exceptions and Ctrl-C.
    sys.exit(task if isinstance(task, int) else task())


def _parse(arguments: Sequence[str]) -> int | Callable[[], int]:
    """Parses the command line and does what it asks for, up to the start of a script: that is returned to be called."""
    settings = Settings()
    try:
        result = commands.main(list(arguments), prog_name="isograd", standalone_mode=False, obj=settings)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED_STATUS
    except IsogradError as error:
        if settings.debug:
            traceback.print_exc()
        else:
            complain(_told(error, settings))
        return _USAGE_STATUS
    return result if callable(result) else int(result or 0)


def _told(error: IsogradError, settings: Settings) -> str:
    """What the error says, in the language asked for; only another one than English costs the imports it takes."""
    spoken = (settings.lang,) if settings.lang else map(os.environ.get, LOCALE)
    if not any("ko" in (word or "") for word in spoken):
        return str(error)
    from isograd.report.complaints import complaint
    from isograd.report.language import default_language

    return complaint(str(error), "ko" if settings.lang else default_language(os.environ))
