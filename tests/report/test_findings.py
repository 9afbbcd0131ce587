import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tests.report.scenes import SCENES, non_finite, vanishing

from isograd.facts import Evidence
from isograd.facts.finding import Problem
from isograd.report.findings import findings, number, schema, steps_seen


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", SCENES)
def test_every_scene_is_valid_and_strict_json(name: str, language: str) -> None:
    scene = SCENES[name]()
    written = json.dumps(findings(scene.record, scene.diagnosis, language=language), allow_nan=False)
    jsonschema.validate(json.loads(written), schema(), cls=jsonschema.Draft202012Validator)


def test_the_schema_can_refuse() -> None:
    scene = vanishing()
    document = findings(scene.record, scene.diagnosis)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "health": "splendid"}, schema())
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_schema_names_the_same_problems_as_the_facts() -> None:
    named = schema()["$defs"]["finding"]["properties"]["problem"]["enum"]  # type: ignore[index]
    assert set(named) == set(Problem.__args__)  # type: ignore[attr-defined]


def test_what_a_finding_holds_is_written() -> None:
    scene = vanishing()
    document = findings(scene.record, scene.diagnosis)
    assert document["steps"] == 600
    assert document["health"] == "failing"
    assert document["models"] == [{"name": "model", "type": "Sequential", "parameters": 88330, "sites": 10}]
    (finding,) = document["findings"]  # type: ignore[misc]
    assert finding["sites"][0] == "layers.0"
    assert "one part in 1 billion arrives at layers.0" in finding["summary"]
    assert finding["evidence"][0] == {
        "quantity": "gain_decades",
        "value": -9.02,
        "unit": "decades",
        "limit": -2.0,
        "site": None,
        "step": None,
    }
    assert finding["evidence"][2]["value"] == "NaN"
    assert finding["causes"][0] == {"cause": "saturating-activation", "share": 0.64, "how": "rule"}
    assert finding["remedies"][0]["expected"] == "a gain near ×1 in all"
    assert finding["remedies"][1]["change"].startswith("After building the model")
    assert "expected" not in finding["remedies"][1]


def test_sentences_are_in_the_language_asked_for() -> None:
    scene = vanishing()
    (finding,) = findings(scene.record, scene.diagnosis, language="ko")["findings"]  # type: ignore[misc]
    assert "layers.0으로 전달되는" in finding["summary"]


def test_steps_of_all_networks_add_up_even_if_old_rows_were_thinned_out() -> None:
    scene = non_finite()
    assert findings(scene.record, scene.diagnosis)["steps"] == 26
    observed = scene.record.observed[0]
    kept = observed.steps.step % 4 == 0
    thinned = type(observed.steps)(**{name: column[kept] for name, column in vars(observed.steps).items()})
    assert steps_seen(type(observed)(observed.network, thinned, observed.readings)) == 13


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.5, 1.5), (np.float32(2), 2.0), (float("nan"), "NaN"), (float("inf"), "Infinity"), (None, None)],
)
def test_numbers_that_json_lacks_are_words(value: float | None, written: object) -> None:
    assert number(value) == written
    assert type(number(value)) is type(written)
    assert Evidence("loss", float("-inf")).value == float("-inf")


def test_the_schema_ships_with_the_package() -> None:
    import isograd.report.findings as module

    assert Path(module.__file__).with_name("findings.schema.json").is_file()
