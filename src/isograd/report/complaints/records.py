"""What is said of records that cannot be read or written."""

from isograd.facts import Text

RECORDS: tuple[Text, ...] = (
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
        "{path} exists and is no record of isograd: name another folder",
        "{path}[은/는] 이미 있으며 isograd의 기록이 아닙니다. 다른 폴더를 지정합니다.",
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
"""Forms; see `known_sentences.translated` for how one fits."""
