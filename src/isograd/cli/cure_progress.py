"""What a cure is doing, as a progress bar on a terminal, else as a line a stage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from isograd.cli.console import write

if TYPE_CHECKING:
    from isograd.facts import Language, Text

Tell = Callable[[str, int, int], None]


@contextmanager
def progress(stream: TextIO | None, live: bool, language: "Language") -> Iterator[Tell]:
    """Shows how a cure goes while the block lasts.

    Args:
        stream: Where to; None to show nothing.
        live: Whether the stream is a terminal on which a line can be redrawn.
        language: Of the words.
    """
    if stream is None:
        yield lambda stage, done, total: None
    elif live:
        yield from _bar(stream, language)
    else:
        yield _lines(stream, language)


def _lines(stream: TextIO, language: "Language") -> Tell:
    said: set[str] = set()

    def tell(stage: str, done: int, total: int) -> None:
        if stage not in said:
            said.add(stage)
            write(f"isograd: {_words(stage, language)}\n", stream)

    return tell


def _bar(stream: TextIO, language: "Language") -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("isograd  {task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(_words("baseline", language), total=1)
        yield lambda stage, done, total: bar.update(
            task, description=_words(stage, language), completed=done, total=total
        )


def _words(stage: str, language: "Language") -> str:
    from isograd.report.language import render

    return render(_stages()[stage], language)


def _stages() -> "dict[str, Text]":
    from isograd.facts import Text

    return {
        "baseline": Text("the training as it is", "학습을 그대로 실행"),
        "outlook": Text("what one batch says of each remedy", "배치 하나로 처방마다 이득 측정"),
        "choice": Text("short trainings to choose from", "짧은 학습으로 처방 고르기"),
        "proof": Text("the proof: unchanged, treated, sham", "증명: 그대로, 처방, 가짜 처방"),
        "patch": Text("the change in your source, run without isograd", "고친 소스를 그대로 실행해 확인"),
    }
