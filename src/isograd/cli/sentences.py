"""The sentences that the command line itself says, in both languages."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isograd.facts import Text


def no_torch(name: str) -> "Text":
    """The script never imported torch."""
    return _text(
        "{name} did not import torch: nothing to watch.",
        "{name}에서 torch를 불러오지 않아 관찰할 것이 없었습니다.",
        name=name,
    )


def no_step(name: str, failed: bool) -> "Text":
    """The script imported torch, but no optimizer took a step."""
    if failed:
        return _text(
            "saw no optimizer step in {name} before it ended.",
            "{name}[이/가] 끝날 때까지 옵티마이저 스텝이 한 번도 없었습니다.",
            name=name,
        )
    return _text(
        "saw no optimizer step in {name}: only training by torch.optim in the script's own process is watched.",
        "{name}에서 옵티마이저 스텝이 한 번도 없었습니다. 같은 프로세스에서 torch.optim으로 하는 학습만 관찰합니다.",
        name=name,
    )


def no_experiments(reason: str) -> "Text":
    """The experiments at the end of the run failed; the causes are those that the rules infer."""
    return _text(
        "no experiments could be made with this model ({reason}), so its causes are inferred by rule.",
        "이 모델로는 개입 실험을 할 수 없어({reason}) 원인을 규칙으로 추정합니다.",
        reason=reason,
    )


def no_folder(folder: str, reason: str) -> "Text":
    """The default folder cannot be made: the record is lost, the run goes on."""
    return _text(
        "{folder} cannot be written ({reason}), so this run leaves no record; --out names another folder.",
        "{folder}에 쓸 수 없어({reason}) 이 실행은 기록을 남기지 않습니다. --out으로 다른 폴더를 지정할 수 있습니다.",
        folder=folder,
        reason=reason,
    )


def no_watching(reason: str) -> "Text":
    """Watching could not start: a fault of isograd's own."""
    return _text(
        "watching could not start, the script runs on without it: {reason}",
        "관찰을 시작하지 못했습니다. 스크립트는 그대로 실행됩니다: {reason}",
        reason=reason,
    )


def no_live(reason: str) -> "Text":
    """The live view could not start: a fault of isograd's own."""
    return _text(
        "the live view could not start, watching goes on without it: {reason}",
        "실시간 화면을 시작하지 못했습니다. 관찰은 계속됩니다: {reason}",
        reason=reason,
    )


def no_report(reason: str) -> "Text":
    """The report could not be made: a fault of isograd's own."""
    return _text(
        "the report could not be made, the script's own result stands: {reason}",
        "보고서를 만들지 못했습니다. 스크립트의 결과에는 영향이 없습니다: {reason}",
        reason=reason,
    )


def no_file(file: str, reason: str) -> "Text":
    """One of the files of the report could not be written."""
    return _text(
        "{file} could not be written ({reason}).",
        "{file}에 쓰지 못했습니다({reason}).",
        file=file,
        reason=reason,
    )


def serving() -> "Text":
    """The live page is up."""
    return _text(
        "the live page is at the address above, for this machine only; Ctrl-C ends it.",
        "위 주소에서 실시간 보고서를 볼 수 있습니다(이 컴퓨터에서만 열립니다). Ctrl-C를 누르면 끝납니다.",
    )


def nothing_written() -> "Text":
    """`--write` was given and nothing could be written."""
    return _text(
        "nothing was written: there is no proved change of your source.",
        "증명된 소스 변경이 없어 아무것도 쓰지 않았습니다.",
    )


def not_the_same() -> "Text":
    """`--write` was given, and the written change does not train as the treated run did."""
    return _text(
        "nothing was written: with the change in its source the script does not train as the treated run did.",
        "소스를 고쳐 실행한 학습이 처방한 학습과 같지 않아 아무것도 쓰지 않았습니다.",
    )


def written(file: str) -> "Text":
    """A file of the user's was changed, as asked for."""
    return _text("{file} was changed.", "{file}[을/를] 고쳤습니다.", file=file)


def _text(en: str, ko: str, **values: object) -> "Text":
    """A `Text`; imported only when there is something to say, because the facts need numpy."""
    from isograd.facts import Text

    return Text(en, ko, values)
