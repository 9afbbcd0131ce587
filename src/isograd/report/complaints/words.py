"""What is said of names, patterns and trainings that a command cannot use."""

from isograd.facts import Text

WORDS: tuple[Text, ...] = (
    Text(
        "nothing is called {name}; did you mean {near}?",
        "{name}에 해당하는 항목이 없습니다. 혹시 {near}[을/를] 찾으시나요?",
    ),
    Text(
        "nothing is called {name}; isograd explain without a name lists all that there is.",
        "{name}에 해당하는 항목이 없습니다. 이름 없이 isograd explain을 실행하면 모든 항목이 나옵니다.",
    ),
    Text(
        "--remedy {name}: there is no such remedy; did you mean {near}?",
        "--remedy {name}: 그런 해결 방안이 없습니다. 혹시 {near}[을/를] 찾으시나요?",
    ),
    Text(
        "--remedy {name}: there is no such remedy; isograd explain lists them",
        "--remedy {name}: 그런 해결 방안이 없습니다. isograd explain에 목록이 있습니다.",
    ),
    Text(
        "--lower says which way --metric is better; give --metric REGEX, too",
        "--lower는 --metric의 방향을 정하는 옵션입니다. --metric REGEX도 지정합니다.",
    ),
    Text("--metric {pattern} is no regular expression: {reason}", "--metric {pattern}: 정규식이 아닙니다: {reason}"),
    Text(
        "--metric {pattern} matches no number in what {name} prints",
        "{name}의 출력에 --metric {pattern}[과/와] 일치하는 숫자가 없습니다.",
    ),
    Text(
        "{spec} names a task, which takes no arguments; got {arguments}",
        "{spec}[은/는] Task이므로 인자를 받지 않습니다. 받은 인자: {arguments}",
    ),
    Text(
        "{name} failed before its first optimizer step: {reason}; make it run first",
        "{name}[이/가] 첫 옵티마이저 스텝 전에 실패했습니다: {reason}. 먼저 실행되게 고칩니다.",
    ),
    Text(
        "{name} took no optimizer step: there is no training to cure",
        "{name}에서 옵티마이저 스텝이 한 번도 없었습니다. 고칠 학습이 없습니다.",
    ),
    Text(
        "{name} takes too few steps to judge a remedy by; let it train longer",
        "{name}의 스텝이 너무 적어 해결 방안을 판단할 수 없습니다. 더 오래 학습시킵니다.",
    ),
)
"""Forms; see `known_sentences.translated` for how one fits."""
