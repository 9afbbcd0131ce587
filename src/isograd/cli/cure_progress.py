"""What a cure is doing, as a progress bar on a terminal, else as a line a stage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from isograd.cli.console import write

if TYPE_CHECKING:
    from isograd.facts import Language, Text
    from isograd.treatment.curing.now import Now, Running

Tell = Callable[["Now"], None]


@contextmanager
def progress(stream: TextIO | None, live: bool, language: "Language") -> Iterator[Tell]:
    """Shows how a cure goes while the block lasts.

    Args:
        stream: Where to; None to show nothing.
        live: Whether the stream is a terminal on which a line can be redrawn.
        language: Of the words.
    """
    if stream is None:
        yield lambda now: None
    elif live:
        yield from _bar(stream, language)
    else:
        yield _lines(stream, language)


def _lines(stream: TextIO, language: "Language") -> Tell:
    said: set[str] = set()

    def tell(now: "Now") -> None:
        if now.stage not in said:
            said.add(now.stage)
            write(f"isograd: {_words(now.stage, language)}\n", stream)

    return tell


def _bar(stream: TextIO, language: "Language") -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    whole, rest = Column(no_wrap=True), Column(no_wrap=True, overflow="ellipsis", ratio=1)
    columns = (
        TextColumn("isograd  {task.description}", table_column=whole, markup=False),
        BarColumn(10),
        MofNCompleteColumn(table_column=whole),
        TimeElapsedColumn(table_column=whole),
        TextColumn("{task.fields[running]}", table_column=rest, markup=False),
    )
    with Progress(*columns, console=Console(file=stream), transient=True, expand=True) as bar:
        task = bar.add_task(_words("baseline", language, short=True), total=1, running="")

        def tell(now: "Now") -> None:
            running = ", ".join(_running(one, language) for one in now.running)
            words = _words(now.stage, language, short=True)
            bar.update(task, description=words, completed=now.done, total=now.total, running=running)

        yield tell


def _running(one: "Running", language: "Language") -> str:
    """e.g. `init:he 12/60`."""
    order = one.order
    if order.outlooks:
        return ""  # a single step, and then the plans one by one
    if order.patched:
        name = _words("patched", language, short=True)
    elif order.arm == "treated":
        name = " + ".join(dose.remedy for dose in order.doses)
    else:
        name = _words(order.arm, language, short=True)
    return f"{name} {one.steps}" + (f"/{one.of}" if one.of is not None else "")


def _words(stage: str, language: "Language", short: bool = False) -> str:
    from isograd.report.language import render

    return render((_short() if short else _stages())[stage], language)


def _stages() -> "dict[str, Text]":
    from isograd.facts import Text

    return {
        "baseline": Text("the training as it is", "학습을 그대로 실행"),
        "outlook": Text("what one batch says of each remedy", "배치 하나로 처방마다 이득 측정"),
        "choice": Text("short trainings to choose from", "짧은 학습으로 처방 고르기"),
        "proof": Text("the proof: unchanged, treated, sham", "증명: 그대로, 처방, 가짜 처방"),
    }


def _short() -> "dict[str, Text]":
    """For the bar: a stage, or an arm of the proof."""
    from isograd.facts import Text

    return {
        "baseline": Text("unchanged", "그대로"),
        "outlook": Text("one batch each", "배치 하나씩"),
        "choice": Text("choice", "고르기"),
        "proof": Text("proof", "증명"),
        "sham": Text("sham", "가짜"),
        "reseed": Text("reseed", "새 시드"),
        "patched": Text("patched", "고친 소스"),
    }
