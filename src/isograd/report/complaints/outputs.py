"""What is said of files, folders and ports that cannot be had."""

from isograd.facts import Text

OUTPUTS: tuple[Text, ...] = (
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
"""Forms; see `known_sentences.translated` for how one fits."""
