import os
import re
import time
from pathlib import Path

import pytest

from isograd.cli import folder as folders
from isograd.cli.folder import RECORD, choose, latest, make, recorded_in
from isograd.cli.ranks import Rank, launch_mark, rank_of
from isograd.record.schema import FILE_NAME


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_records_name_is_the_records() -> None:
    assert RECORD == FILE_NAME


@pytest.mark.parametrize(
    ("stem", "name"), [("train", "train"), ("a b/c", "a-b-c"), ("학습", "학습"), ("..", "script"), ("v1.2", "v1.2")]
)
def test_a_run_is_named_by_time_and_script(here, stem: str, name: str) -> None:
    chosen = choose(None, stem, None)
    assert re.fullmatch(r"\d{8}-\d{6}-" + re.escape(name), chosen.run.name)
    assert chosen.run.parent == here / ".isograd" / "runs"
    assert not (here / ".isograd").exists()


def test_runs_of_the_same_second_get_folders_of_their_own() -> None:
    chosen = choose(None, "train", None)
    made = [make(chosen) for _ in range(3)]
    assert [path.name.removeprefix(chosen.run.name) for path in made] == ["", "-2", "-3"]


def test_ranks_of_one_launch_share_a_folder() -> None:
    made = [make(choose(None, "train", Rank(number, 0))) for number in range(2)]
    assert [path.name for path in made] == ["rank-0", "rank-1"]
    assert made[0].parent == made[1].parent
    again = make(choose(None, "train", Rank(0, 0)))
    assert again.parent.name == f"{made[0].parent.name}-2"


def test_a_restarted_rank_does_not_stumble_over_its_first_record() -> None:
    first = make(choose("out", "train", Rank(0, 0)))
    (first / RECORD).touch()
    assert make(choose("out", "train", Rank(0, 1))).name == "rank-0-restart-1"


def test_git_is_told_once(here) -> None:
    make(choose(None, "a", None))
    (here / ".isograd" / ".gitignore").write_text("mine")
    make(choose(None, "b", None))
    assert (here / ".isograd" / ".gitignore").read_text() == "mine"


def test_the_latest_run_is_found(here) -> None:
    assert latest() is None
    for name in ("first", "second"):
        path = make(choose(None, name, None))
        os.utime(path, (time.time() + 10 * (name == "second"),) * 2)
    assert latest().name.endswith("second")


def test_the_record_of_ranks_is_that_of_the_first() -> None:
    make(choose("ranks", "train", Rank(0, 0)))
    make(choose("one", "train", None))
    assert recorded_in(Path("ranks")) == Path("ranks/rank-0")
    assert recorded_in(Path("one")) == Path("one")
    assert recorded_in(Path("nowhere")) == Path("nowhere")


@pytest.mark.parametrize(
    ("environ", "rank"),
    [
        ({}, None),
        ({"RANK": "0"}, None),
        ({"WORLD_SIZE": "2"}, None),
        ({"RANK": "", "WORLD_SIZE": "2"}, None),
        ({"RANK": "1", "WORLD_SIZE": "2"}, Rank(1, 0)),
        ({"RANK": "1", "WORLD_SIZE": "2", "TORCHELASTIC_RESTART_COUNT": "3"}, Rank(1, 3)),
    ],
)
def test_the_rank_of_a_process(environ: dict[str, str], rank: Rank | None) -> None:
    assert rank_of(environ) == rank


def test_a_launch_is_marked_by_its_parents_start(monkeypatch) -> None:
    assert launch_mark() == launch_mark()
    assert re.fullmatch(r"\d{8}-\d{6}", launch_mark())
    monkeypatch.setattr(os, "getppid", lambda: 2**30)
    assert launch_mark() == f"launch-{2**30}"


def test_a_file_in_the_way_is_an_error_of_the_system(here) -> None:
    (here / ".isograd").mkdir()
    (here / folders.RUNS).touch()
    with pytest.raises(FileExistsError):
        make(choose(None, "train", None))
