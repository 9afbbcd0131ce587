import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion
from tests.report.scenes import SCENES, dead_relu, exploding_rnn, healthy, non_finite, run, vanishing

import isograd
from isograd.facts import Diagnosis, Evidence, Language, Record
from isograd.report.catalogue.labels import LABELS
from isograd.report.terminal.run import render_terminal


class Stream(io.StringIO):
    """A stream that says what the test wants it to say of itself."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = False) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


def shown(name: str, language: Language = "en", width: int | None = 80, **options: object) -> str:
    scene = SCENES[name]()
    given = {"stream": Stream(), "report_path": f".isograd/runs/20261122-101500-{name}/report.html", **options}
    return render_terminal(scene.record, scene.diagnosis, language, width, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", SCENES)
def test_golden(name: str, language: Language, width: int, snapshot: SnapshotAssertion) -> None:
    assert shown(name, language, width) == snapshot


def test_golden_in_colour(snapshot: SnapshotAssertion) -> None:
    assert shown("vanishing", colour=True) == snapshot


def test_golden_where_only_ascii_can_be_shown(snapshot: SnapshotAssertion) -> None:
    assert shown("vanishing", "ko", stream=Stream("ascii")) == snapshot


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", ["vanishing", "exploding_rnn", "dead_relu", "non_finite"])
@pytest.mark.parametrize("width", [40, 50, 60, 80, 100, 300])
def test_no_line_is_wider_than_the_terminal(name: str, language: Language, width: int) -> None:
    scene = SCENES[name]()
    text = render_terminal(scene.record, scene.diagnosis, language, width, False, None, Stream())
    body = text.rsplit("\n\n", 1)[0]  # the foot holds commands and paths, which are to be copied whole
    assert max(cell_len(line) for line in body.splitlines()) <= width
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", ["healthy", "too_short", "untrained"])
def test_a_healthy_run_takes_one_line(name: str, language: Language) -> None:
    text = shown(name, language)
    assert text.count("\n") == 1
    assert text.rstrip().endswith("report.html")


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_a_clean_bill_of_a_script_that_broke_off_says_so(status: str) -> None:
    scene = healthy()
    for ended, said in (("finished", False), (status, True)):
        record = replace(scene.record, run=replace(scene.record.run, status=ended))  # type: ignore[arg-type]
        text = render_terminal(record, scene.diagnosis, "en", 80, stream=Stream())
        assert ("the script did not run to its end" in text) is said


def test_without_a_verdict_what_was_not_observed_is_told_and_not_counted() -> None:
    scene = SCENES["too_short"]()
    record = replace(scene.record, run=replace(scene.record.run, notes=("The record is damaged: it hurts.",)))
    text = render_terminal(record, scene.diagnosis, "en", 80, stream=Stream())
    assert "it hurts" in text
    assert "not observed" not in text


def test_a_cure_is_offered_where_a_finding_has_remedies() -> None:
    scene = vanishing()
    bare = tuple(replace(finding, remedies=()) for finding in scene.diagnosis.findings)
    command = "isograd cure mnist_sigmoid_mlp.py"
    assert command in render_terminal(scene.record, scene.diagnosis, "en", 80, stream=Stream())
    without = replace(scene.diagnosis, findings=bare)
    assert command not in render_terminal(scene.record, without, "en", 80, stream=Stream())


def test_a_narrow_terminal_has_labels_and_figures_below_each_other() -> None:
    lines = [line.strip() for line in shown("vanishing", width=40).splitlines()]
    assert "evidence" in lines
    assert any(line.startswith("×10^-") and "limit" in line for line in lines)


def test_the_figures_of_a_healthy_run_are_shown_as_far_as_there_is_room() -> None:
    assert "600 steps" not in shown("healthy")
    assert "600 steps in 41 s" in shown("healthy", width=200, report_path=None)


def test_a_clean_bill_says_what_it_leaves_out() -> None:
    scene, noted = healthy(), non_finite().diagnosis.findings[1]
    record = Record(run("x", notes=("A compiled region was not observed.",)), scene.record.observed)
    text = render_terminal(record, Diagnosis("healthy", (noted,)), "en", 80, False, None, Stream())
    assert "1 part not observed" in text
    assert "1 note in the report" in text
    assert text.count("\n") == 1


def test_the_order_is_what_where_since_how_large_why_what_to_do_how_to_be_sure() -> None:
    text = shown("vanishing")
    what, how_large = ["Vanishing gradient", "\n  where", "\n  since"], ["one part in", "limit", "\n  picture"]
    why, then = ["\n  why", "\n  ruled out"], ["\n  do", "\n  more", "the same again"]
    places = [text.index(word) for word in (*what, *how_large, *why, *then)]
    assert places == sorted(places)


def test_what_was_not_measured_is_not_printed() -> None:
    text = shown("vanishing")
    assert "nan" not in text.lower()
    assert "saturated" not in text


def test_a_nan_that_was_found_is_printed() -> None:
    assert re.search(r"loss \(step 12\)\s+NaN", shown("non_finite"))


def test_a_name_is_shown_as_it_is_and_cannot_act_on_the_terminal() -> None:
    text = shown("dead_relu", colour=True)
    assert "[bold]evil[/bold]" in text
    assert "encoder.third[31m" in text
    assert "third\x1b" not in text


def test_several_networks_are_told_apart() -> None:
    text = shown("non_finite")
    assert "critic: head" in text
    assert "26 steps of 2 networks" in text
    assert re.search("generator: features.0", text)


def test_three_remedies_are_enough() -> None:
    assert "3. Batch normalisation" in shown("vanishing")
    assert "4. Residual" not in shown("vanishing", width=120)


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" not in shown("vanishing", stream=Stream())
    assert "\x1b[" in shown("vanishing", stream=Stream(terminal=True))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in shown("vanishing", stream=Stream(terminal=True))
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[" not in shown("vanishing", stream=Stream(terminal=True))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp949", "utf-8", "no-such-encoding"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_all_that_is_written_can_be_encoded(encoding: str, language: Language) -> None:
    for name in SCENES:
        shown(name, language, stream=Stream(encoding)).encode("ascii" if encoding.startswith("no") else encoding)


def test_pictures_follow_the_finding() -> None:
    assert "gradient at each layer" in shown("vanishing")
    assert "27 back" in shown("exploding_rnn")
    assert "100% " in shown("dead_relu")
    assert "picture" not in shown("non_finite")


def test_no_command_is_named_that_does_not_exist() -> None:
    for scene in (vanishing(), exploding_rnn(), dead_relu(), non_finite()):
        text = render_terminal(scene.record, scene.diagnosis, "en", 80, False, None, Stream())
        assert set(re.findall(r"isograd (\w+) ", text + " ")) <= {"explain", "run", "cure", ""}


def test_what_no_gradient_reaches_and_what_is_frozen_is_told_with_the_network() -> None:
    scene = vanishing()
    (observed,) = scene.record.observed
    network = replace(observed.network, unreached=("a.weight", "b.weight", "c.weight", "d.weight"), num_frozen=1200)
    record = Record(scene.record.run, (replace(observed, network=network),))
    text = render_terminal(record, scene.diagnosis, "en", 120, False, None, Stream())
    assert "no gradient has reached a.weight, b.weight, c.weight and 1 more" in text
    assert "88,330 parameters, 1,200 frozen" in text


def test_losses_take_one_line_and_much_evidence_is_cut() -> None:
    scene = vanishing()
    losses = (Evidence("loss_start", 2.3), Evidence("loss_end", 2.31), Evidence("loss_of_guessing", 2.3026))
    many = tuple(Evidence("dead_share", 0.9, "share", 0.5, f"layers.{index}") for index in range(9))
    finding = replace(scene.diagnosis.findings[0], evidence=(*many, *losses))
    text = render_terminal(scene.record, Diagnosis("failing", (finding,)), "en", 80, False, None, Stream())
    assert "loss 2.3 at the start, 2.31 at the end, 2.303 by guessing" in text
    assert "and 2 more in the report" in text


def test_every_label_is_used() -> None:
    sources = Path(isograd.__file__).with_name("report").rglob("*.py")
    spoken = [path for path in sources if path.name != "labels.py" and not any("page" in p for p in path.parts[-2:])]
    used = "".join(path.read_text(encoding="utf-8") for path in spoken)
    made = ("how_", "verdict_", "direction_")  # put together from a word that is not known before
    missing = {name for name in LABELS if f'"{name}"' not in used and f"'{name}'" not in used}
    assert {name for name in missing if not name.startswith(made)} == set()


@given(st.lists(st.text(), min_size=10, max_size=10, unique=True), st.sampled_from(["ascii", "cp949", "utf-8"]))
@settings(max_examples=30, deadline=None)
def test_any_names_can_be_shown(names: list[str], encoding: str) -> None:
    scene = vanishing()
    (observed,) = scene.record.observed
    sites = tuple(replace(site, name=name) for site, name in zip(observed.network.sites, names, strict=True))
    network = replace(observed.network, sites=sites, name=names[0], type=names[1], unreached=tuple(names))
    named = replace(scene.diagnosis.findings[0], sites=tuple(names[:8]), network=names[0])
    record = Record(scene.record.run, (replace(observed, network=network),))
    for language in ("en", "ko"):
        text = render_terminal(record, Diagnosis("failing", (named,)), language, 80, True, None, Stream(encoding))
        text.encode(encoding)
        assert set(re.findall(r"\x1b[^\[]|\x1b\[[^m]*[^0-9;m]", text)) == set()


def test_a_finding_of_a_network_that_the_record_lacks_is_still_told() -> None:
    scene = vanishing()
    text = render_terminal(Record(scene.record.run, ()), scene.diagnosis, "en", 80, False, None, Stream())
    assert "Vanishing gradient" in text
    assert "layers.0" in text
