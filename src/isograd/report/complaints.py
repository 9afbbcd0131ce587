"""What is said of bad input, in the reader's language: errors are raised in English, where no language is known."""

from isograd.facts import Language, Text
from isograd.report.known_sentences import translated

_SCRIPTS: tuple[Text, ...] = (
    Text(
        "isograd runs a script from a file and cannot read one from standard input, got -",
        "isograd는 파일에 있는 스크립트를 실행하며, 표준 입력(-)에서는 읽을 수 없습니다.",
    ),
    Text(
        "{path}: the folder holds no __main__.py; give the path of a script in it",
        "{path} 폴더에 __main__.py가 없습니다. 폴더 안에 있는 스크립트의 경로를 지정합니다.",
    ),
    Text(
        "{path}: no such file; give the path of a training script, or -m and a module's name",
        "{path} 파일이 없습니다. 학습 스크립트의 경로, 또는 -m과 모듈 이름을 지정합니다.",
    ),
    Text("{path}: no such file; did you mean {near}?", "{path} 파일이 없습니다. 혹시 {near}[을/를] 찾으시나요?"),
    Text(
        "{path}: no such file; SPEC is path/to/file.py:name", "{path} 파일이 없습니다. SPEC은 경로/파일.py:이름입니다."
    ),
    Text("{path}: the script cannot be read ({reason})", "{path} 스크립트를 읽을 수 없습니다({reason})."),
    Text("{path}: the script is no valid Python: {reason}", "{path}: 올바른 파이썬 코드가 아닙니다: {reason}"),
    Text(
        "-m takes a module's name and got the file {name}; leave out -m to run it as a script",
        "-m 뒤에는 모듈 이름이 와야 하는데 파일 {name}[이/가] 주어졌습니다. 스크립트로 실행하려면 -m을 뺍니다.",
    ),
    Text(
        "-m takes a module's name such as package.train, got {name}",
        "-m 뒤에는 package.train 같은 모듈 이름이 와야 하는데 {name}[이/가] 주어졌습니다.",
    ),
    Text(
        "{name} is a package without a __main__.py, so -m cannot run it",
        "{name} 패키지에 __main__.py가 없어 -m으로 실행할 수 없습니다.",
    ),
    Text(
        "no module named {name} in {folder} or among the installed packages",
        "{folder}에도, 설치된 패키지에도 {name} 모듈이 없습니다.",
    ),
    Text(
        "no module named {name}; SPEC is path/to/file.py:name or package.module:name",
        "{name} 모듈이 없습니다. SPEC은 경로/파일.py:이름 또는 패키지.모듈:이름입니다.",
    ),
    Text("no module named {name}", "{name} 모듈이 없습니다."),
    Text(
        "SPEC must be path/to/file.py:name or package.module:name; got {rest}",
        "SPEC은 경로/파일.py:이름 또는 패키지.모듈:이름이어야 합니다. 받은 값: {rest}",
    ),
    Text("{name} could not be loaded: {reason}", "{name}[을/를] 불러올 수 없습니다: {reason}"),
)
_OUTPUTS: tuple[Text, ...] = (
    Text(
        "--out {out} already holds the record of a run; name another folder or remove this one",
        "--out {out}에는 이미 다른 실행의 기록이 있습니다. 다른 폴더를 지정하거나 이 폴더를 지웁니다.",
    ),
    Text(
        "--out {out} cannot be written ({reason}); name a folder that can",
        "--out {out}에 쓸 수 없습니다({reason}). 쓸 수 있는 폴더를 지정합니다.",
    ),
    Text(
        "{folder} cannot be written ({reason}); name a folder that can by --out",
        "{folder}에 쓸 수 없습니다({reason}). --out으로 쓸 수 있는 폴더를 지정합니다.",
    ),
    Text(
        "{option} takes a file and got the folder {file}",
        "{option}에는 파일을 지정해야 하는데 폴더 {file}[이/가] 주어졌습니다.",
    ),
    Text(
        "{option}: there is no folder {folder}; make it first",
        "{option}: {folder} 폴더가 없습니다. 먼저 폴더를 만듭니다.",
    ),
    Text(
        "{option} cannot be written; name a file that can", "{option}에 쓸 수 없습니다. 쓸 수 있는 파일을 지정합니다."
    ),
    Text(
        "--port {port} is for the live page; add --serve",
        "--port {port}[은/는] 실시간 보고서에 쓰는 옵션입니다. --serve를 함께 지정합니다.",
    ),
    Text(
        "--port {port} cannot be had ({reason}); name another, or none at all",
        "--port {port}[을/를] 쓸 수 없습니다({reason}). 다른 번호를 지정하거나 --port를 뺍니다.",
    ),
    Text(
        "--serve prints the page's address where --json - would print the findings; give it a file",
        "--serve는 표준 출력에 주소를 쓰므로 --json에는 - 대신 파일을 지정합니다.",
    ),
)
_RECORDS: tuple[Text, ...] = (
    Text(
        "there is no run in {folder}; name one, or make one with: isograd run train.py",
        "{folder}에 실행 기록이 없습니다. 실행을 지정하거나 isograd run train.py로 새로 만듭니다.",
    ),
    Text(
        "There is no record at {file}: give the folder of a run, or the {name} in it.",
        "{file}에 기록이 없습니다. 실행의 폴더나 그 안의 {name}[을/를] 지정합니다.",
    ),
    Text(
        "{file} cannot be read ({reason}): it is damaged, or no record of isograd.",
        "{file}[을/를] 읽을 수 없습니다({reason}). 손상되었거나 isograd의 기록이 아닙니다.",
    ),
    Text(
        "{file} cannot be read ({reason}): check its permissions.",
        "{file}[을/를] 읽을 수 없습니다({reason}). 파일 권한을 확인합니다.",
    ),
    Text(
        "{file} is empty: the run ended before anything was recorded, or this is no record.",
        "{file}[이/가] 비어 있습니다. 기록을 시작하기 전에 실행이 끝났거나 기록이 아닙니다.",
    ),
    Text(
        "{file} is a SQLite database but no record of isograd (application id {got} instead of {wanted}): give the "
        "{name} of a run.",
        "{file}[은/는] SQLite 데이터베이스이지만 isograd의 기록이 아닙니다(application id {got}, 기록은 {wanted}). "
        "실행의 {name}[을/를] 지정합니다.",
    ),
    Text(
        "{file} was written by a newer isograd (record version {got}, this one reads up to {most}): upgrade isograd to "
        "read it.",
        "{file}[은/는] 더 새로운 isograd의 기록입니다(기록 버전 {got}, 지금 버전은 {most}까지). "
        "isograd를 업그레이드하면 읽을 수 있습니다.",
    ),
    Text(
        "{file} was written by an older isograd (record version {got}, this one reads from {least} on): read it with "
        "the isograd that wrote it.",
        "{file}[은/는] 더 오래된 isograd의 기록입니다(기록 버전 {got}, 지금 버전은 {least}부터). 기록한 버전의 "
        "isograd로 읽습니다.",
    ),
    Text(
        "The record of {place} is damaged and none of its steps can be read: name another run.",
        "{place}의 기록이 손상되어 읽을 수 있는 스텝이 없습니다. 다른 실행을 지정합니다.",
    ),
    Text(
        "No record is kept on disk ({reason}); the run goes on, held in memory.",
        "디스크에 기록을 남기지 않습니다({reason}). 실행은 계속되며 기록은 메모리에 둡니다.",
    ),
    Text(
        "The record stopped at {time} ({reason}); what was written before can be read, and the run goes on, held in "
        "memory.",
        "{time}에 기록이 중단되었습니다({reason}). 그때까지의 기록은 읽을 수 있고, 실행은 계속되며 이후의 기록은 "
        "메모리에 둡니다.",
    ),
    Text(
        "The record is incomplete ({reason}): memory does not hold it either.",
        "기록이 완전하지 않습니다({reason}). 메모리에도 담지 못했습니다.",
    ),
    Text(
        "The record is incomplete because of a fault in isograd ({reason}): please report it.",
        "isograd의 오류로 기록이 완전하지 않습니다({reason}). 제보를 부탁드립니다.",
    ),
)
_WORDS: tuple[Text, ...] = (
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

COMPLAINTS: tuple[Text, ...] = (*_SCRIPTS, *_OUTPUTS, *_RECORDS, *_WORDS)
"""Every sentence about bad input that the command line says; see `translated` for how a form fits."""


def complaint(sentence: str, language: Language) -> str:
    """One sentence about bad input, in that language; what Python or the system says within it stays as it is."""
    return translated(sentence, COMPLAINTS, language)
