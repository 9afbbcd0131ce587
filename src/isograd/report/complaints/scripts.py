"""What is said of scripts, modules and SPECs that cannot be loaded."""

from isograd.facts import Text

SCRIPTS: tuple[Text, ...] = (
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
"""Forms; see `known_sentences.translated` for how one fits."""
