"""What could not be observed, in the reader's language: a record keeps these notes as English sentences."""

from isograd.facts import Language, Run, Text
from isograd.report.known_sentences import translated

NOTES: tuple[Text, ...] = (
    Text(
        "a compiled region hides its layers: only its parameters were watched",
        "컴파일된 부분은 층을 볼 수 없어 매개변수만 관찰했습니다",
    ),
    Text(
        "some activations are recomputed or offloaded: their forward statistics were not read",
        "다시 계산하거나 다른 곳에 옮겨 둔 활성값이 있어 그 순전파 통계는 읽지 못했습니다",
    ),
    Text("only the first {number} optimizers were watched", "옵티마이저는 처음 {number}개만 관찰했습니다"),
    Text(
        "watching ended early by a fault of isograd: {fault}",
        "isograd 자체의 오류로 관찰이 도중에 끝났습니다: {fault}",
    ),
    Text(
        "The record is damaged: some rows could not be read (of {tables}) and are left out.",
        "기록이 손상되어 읽을 수 없는 행({tables})은 제외했습니다.",
    ),
    Text(
        "{number} readings and rows were not recorded because the disk was too slow.",
        "디스크가 느려 측정값과 행 {number}개를 기록하지 못했습니다.",
    ),
    Text(
        "no change was tried: activations are recomputed in the backward pass, where a change would not reach them",
        "역전파에서 활성값을 다시 계산하여 변경이 반영되지 않으므로 개입 실험을 하지 않았습니다",
    ),
    Text("no change was tried: {reason}", "개입 실험을 하지 않았습니다: {reason}"),
)
"""The notes that isograd itself writes; a field stands for whatever is in its place, and the first that fits counts."""


def run_notes(run: Run, language: Language) -> tuple[str, ...]:
    """What could not be observed, one sentence each.

    Args:
        run: With its notes.
        language: Of the sentences; a note that is not among `NOTES` is shown as it is.
    """
    return tuple(translated(note, NOTES, language) for note in run.notes)
