"""The page as text: what stands in it, what cannot get out of its place, how large it is."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from tests.report import page_scenes as scenes
from tests.report.scenes import SCENES

from isograd.report.issue_text import issue_text
from isograd.report.page import texts as page_texts
from isograd.report.page.data import embedded
from isograd.report.page.document import prose, render_html
from isograd.report.page.markdown import markdown_to_html
from isograd.report.page.texts import PAGE_TEXTS
from isograd.report.page.words import words

LANGUAGES = ("en", "ko")
MADE = (scenes.vanishing, scenes.healthy, scenes.broken, scenes.empty)
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Elements and text of a page, and whether every element is closed in order."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.open, self.text, self.faults = [], [], [], [], []
        self.scripts = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.scripts.setdefault(self.open[-1], []).append(data)
        else:
            self.text.append(data)

    def words(self):
        return " ".join(" ".join(self.text).split())


def rendered(scene, language="en", pages=None):
    record, diagnosis = scene()
    return render_html(record, diagnosis, language, pages or {"IG101": scenes.PAGE})


def data_of(html):
    return json.loads(re.search(r'id="page-data">(.*?)</script>', html, re.DOTALL)[1])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", MADE)
def test_every_page_is_well_formed_and_leaves_no_hole(scene, language):
    html = rendered(scene, language)
    page = Page(html)
    assert page.faults == []
    assert page.open == []
    assert dict(page.attributes[0][1]) == {"lang": language}
    assert not re.search(r"\{[a-z_]+\}", page.words())
    identifiers = [attrs["id"] for _, attrs in page.attributes if "id" in attrs]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_scene_of_the_terminal_has_a_page_too(name, language):
    made = SCENES[name]
    scene = made() if callable(made) else made
    page = Page(render_html(scene.record, scene.diagnosis, language))
    assert page.faults == []
    assert scene.record.run.name in page.words()


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_within_the_page_arrive(language):
    page = Page(rendered(scenes.broken, language))
    identifiers = {attrs["id"] for _, attrs in page.attributes if "id" in attrs}
    targets = {attrs["href"][1:] for tag, attrs in page.attributes if tag == "a" and attrs["href"].startswith("#")}
    described = {
        attrs[key] for _, attrs in page.attributes for key in ("aria-labelledby", "aria-describedby") if key in attrs
    }
    assert targets | described <= identifiers
    assert {"finding-1", "finding-3", "network-2", "run"} <= targets


def test_a_finding_shows_all_that_is_known_of_it():
    words_of_page = Page(rendered(scenes.vanishing)).words()
    for expected in (
        "failing", "Vanishing gradient", "IG101", "0 to 14, 8 of 11 layers", "step 0 to 599", "one part in a billion",
        "64 %", "inferred by rule", "Replace nn.Sigmoid() by nn.ReLU() .", "Limit", "×10 −2.0", "About rule IG101",
        "The first layers do not learn.", "600", "A compiled region", "torch 2.13.0",
    ):  # fmt: skip
        assert expected in words_of_page, expected


def test_evidence_of_no_place_and_no_step_has_no_columns_for_them():
    record, diagnosis = scenes.vanishing()
    finding = diagnosis.findings[0]
    bare = tuple(replace(row, site=None, step=None) for row in finding.evidence)
    html = render_html(record, replace(diagnosis, findings=(replace(finding, evidence=bare),)), "en")
    assert html.count('role="columnheader"') == 3
    assert rendered(scenes.vanishing).count('role="columnheader"') == 5


def test_a_healthy_run_says_so_in_its_own_words():
    page = Page(rendered(scenes.healthy)).words()
    assert "Gradients keep their size through all 12 layers" in page
    assert "Nothing to report." in page


def test_a_script_that_trained_nothing_still_gets_a_page():
    page = Page(rendered(scenes.empty)).words()
    assert "Too little was seen" in page
    assert "watched from Python" in page


def test_names_of_the_user_stay_text_in_markup_and_in_data():
    html = rendered(scenes.broken)
    page = Page(html)
    assert "img" not in page.tags
    assert not any(key.startswith("on") for _, attrs in page.attributes for key in attrs)
    assert len(page.scripts["script"]) == 2
    assert "<img" not in html
    assert any(scenes.NASTY in row for row in data_of(html)["maps"]["network-1"]["rows"])
    assert scenes.NASTY in page.words()


def test_characters_that_act_instead_of_being_seen_are_left_out():
    record, diagnosis = scenes.vanishing()
    name = "a\u202eb\x1b[31mc\udce9d"
    html = render_html(replace(record, run=replace(record.run, name=name)), diagnosis, "en")
    html.encode("utf-8")
    assert "ab[31mcd" in html
    assert "\u202e" not in html


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else():
    html = rendered(scenes.vanishing)
    page = Page(html)
    policy = next(attrs["content"] for tag, attrs in page.attributes if attrs.get("http-equiv"))

    def digest(text):
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; style-src '{digest(page.scripts['style'][0])}'; "
        f"script-src '{digest(page.scripts['script'][1])}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not any("style" in attrs for _, attrs in page.attributes)


def test_nothing_is_loaded_from_elsewhere():
    html = rendered(scenes.vanishing)
    addresses = [
        attrs[key] for tag, attrs in Page(html).attributes for key in ("src", "href", "action") if key in attrs
    ]
    outside = [address for address in addresses if not address.startswith(("#", "data:image/svg+xml"))]
    assert outside == ["https://arxiv.org/abs/1611.01232"]  # a link in the rule's page, followed only by the reader
    assert "@import" not in html
    assert "url(" not in html


def test_two_hundred_layers_and_a_hundred_thousand_steps_stay_below_a_megabyte():
    html = rendered(scenes.large, "ko")
    assert len(html.encode("utf-8")) < 1_000_000
    packed = data_of(html)["maps"]["network-1"]
    assert len(packed["rows"]) == 200
    assert 300 <= len(packed["first_steps"]) <= 400


def test_ten_large_networks_share_that_budget():
    record, diagnosis = scenes.large(num_steps=2000, num_readings=500)
    crowd = replace(record, observed=record.observed * 5)
    assert len(render_html(crowd, diagnosis, "en").encode("utf-8")) < 1_600_000


def test_the_map_and_the_charts_carry_what_was_measured():
    data = data_of(rendered(scenes.vanishing))
    assert [layer["key"] for layer in data["maps"]["network-1"]["layers"]] == [
        "ratio", "rho", "saturation", "dead", "update",
    ]  # fmt: skip
    assert set(data["charts"]) == {"network-1-depth", "network-1-ledger", "network-1-loss", "network-1-norm"}
    loss = data["charts"]["network-1-loss"]["lines"][0]
    assert loss["x"][:3] == [0, 1, 2]
    assert 2.2 < loss["y"][0] < 2.4


def test_the_same_thing_many_times_in_a_row_takes_one_line():
    page = Page(rendered(scenes.broken)).words()
    assert "step 91 to 109 step skipped by the scaler" in page
    assert f"not finite: rnn.{scenes.NASTY}, Exp, forward" in page


def test_json_cannot_end_its_element():
    text = embedded({"a": "</script><!--\u2028&"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028&"}
    with pytest.raises(ValueError, match="Out of range float"):
        embedded({"a": float("nan")})


def test_a_rules_page_is_rendered_and_can_do_nothing():
    html = markdown_to_html(scenes.PAGE)
    assert "<h4>IG101" in html
    assert "<h5>Why it harms" in html
    assert "<table>" in html
    assert "style=" not in html
    assert '<td class="number">2.0</td>' in html
    assert "<img" not in html
    assert "&lt;img src=x" in html


@pytest.mark.parametrize("source", ["[x](javascript:alert(1))", "![x](data:image/png,1)", "<script>1</script>"])
def test_markdown_that_would_act_stays_text(source):
    assert not re.search("<(script|img|a )", markdown_to_html(source))


@pytest.mark.parametrize(
    ("sentence", "html"),
    [
        ("plain", "plain"),
        ("a `b` c", "a <code>b</code> c"),
        ("a ` c", "a ` c"),
        ("<b>10^-9.0</b>", "&lt;b&gt;10<sup>−9.0</sup>&lt;/b&gt;"),
        ("10^3 and `10^3`", "10<sup>3</sup> and <code>10^3</code>"),
        ("v10^3 is a name", "v10^3 is a name"),
    ],
)
def test_sentences_become_html(sentence, html):
    assert prose(sentence) == html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_for_an_issue_stands_by_itself(language):
    record, diagnosis = scenes.vanishing()
    text = issue_text(record, diagnosis, language)
    for expected in ("IG101", "nn.ReLU()", "88,330", "torch 2.13.0", "examples/mnist_sigmoid_mlp.py --epochs 6"):
        assert expected in text
    assert "<" not in text
    assert text in Page(rendered(scenes.vanishing, language)).text


def test_every_word_of_the_page_is_used_and_has_the_same_fields_in_both_languages():
    sources = "".join(
        path.read_text("utf-8")
        for path in Path(str(files("isograd.report"))).rglob("*")
        if path.suffix in (".py", ".j2", ".js") and path != Path(page_texts.__file__)
    )
    prefixes = ("how_", "status_", "direction_", "mark_", "reading_", "verdict_")
    unused = [
        name for name in PAGE_TEXTS if not name.startswith(prefixes) and not re.search(f"[\"']{name}[\"']", sources)
    ]
    assert unused == []
    for name, text in PAGE_TEXTS.items():
        assert set(re.findall(r"\{(\w+)", text.en)) == set(re.findall(r"\{(\w+)", text.ko)), name


def test_a_word_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError, match="no_such_word"):
        words("en")("no_such_word")


def test_the_page_is_made_without_torch():
    code = "import sys, isograd.report.page.document; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_clean_bill_of_a_script_that_broke_off_says_so():
    record, diagnosis = scenes.healthy()
    said = words("en")("ended_early")
    assert said not in render_html(record, diagnosis, "en", {})
    broken_off = replace(record, run=replace(record.run, status="failed", error="ValueError: no data"))
    assert said in render_html(broken_off, diagnosis, "en", {})


def test_a_note_is_no_headline_of_a_clean_bill():
    record, diagnosis = scenes.healthy()
    noted = replace(diagnosis, findings=(scenes.finding(network_name="net", severity="note"),))
    lead = render_html(record, noted, "en", {}).partition('id="finding-1"')[0]
    assert "Gradients keep their size" in lead
    assert "Most likely cause" not in lead
