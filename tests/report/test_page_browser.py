"""The page in a real browser: no error, no request, usable by keyboard, in both themes, on a phone."""

import json
import re
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.report import page_scenes as scenes
from tests.report.browser import chromium, dress, missing
from tests.report.verdict_scenes import OUTCOMES

from isograd.report.page.document import render_html
from isograd.report.verdict.page import verdict_html

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing())]

AXE = Path(__file__).parent / "assets" / "axe.min.js"
SCENES = {scene.__name__: scene for scene in (scenes.vanishing, scenes.healthy, scenes.broken, scenes.empty)}


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")

    def write(name, language):
        path = folder / f"{name}-{language}.html"
        if not path.exists():
            pages = {"IG101": scenes.PAGE, "IG301": scenes.PAGE}
            path.write_text(page_of(name, language, pages), encoding="utf-8")
        return path.as_uri()

    return write


def page_of(name, language, pages):
    """The page of a run, or of a cure."""
    if name in OUTCOMES:
        judged = OUTCOMES[name]()
        scene = judged.scene
        return verdict_html(judged.verdict, scene.record, scene.diagnosis, language, pages, "isograd cure --write a.py")
    record, diagnosis = SCENES[name]()
    return render_html(record, diagnosis, language, pages)


def text_of(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector).text


def tab_to(driver, element):
    """Reaches an element as a keyboard does; a focus that a script sets does not count in a window without one."""
    for _ in range(100):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        if driver.execute_script("return document.activeElement === arguments[0]", element):
            return
    pytest.fail("the element is not reached by the tab key")


def requested(driver):
    """Addresses that the browser asked for since the log was last read."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [*SCENES, *OUTCOMES])
def test_the_page_loads_without_an_error_or_a_request(driver, written, name, language):
    dress(driver)
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    address = written(name, language)
    driver.get(address)
    assert driver.get_log("browser") == []
    assert [url for url in requested(driver) if not url.startswith(("data:", address))] == []
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert driver.execute_script("return document.documentElement.lang") == language


def test_the_policy_stops_code_and_requests_of_others(driver, written):
    driver.get(written("vanishing", "en"))
    driver.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.stolen = 1';"
        "document.body.append(script);"
        "const image = new Image(); image.src = 'https://example.org/x.png'; document.body.append(image);"
    )
    assert driver.execute_script("return window.stolen") is None
    refusals = [entry["message"] for entry in driver.get_log("browser")]
    assert any("script-src" in message for message in refusals)
    assert any("img-src" in message for message in refusals)


def test_names_of_the_user_run_no_code(driver, written):
    driver.get(written("broken", "en"))
    assert driver.execute_script("return document.images.length") == 0
    assert scenes.NASTY in text_of(driver, "#network-1 h2")


def test_the_map_is_walked_by_keyboard_and_says_where_it_is(driver, written):
    dress(driver)
    driver.get(written("vanishing", "en"))
    canvas = driver.find_element(By.CSS_SELECTOR, ".stage canvas")
    readout = driver.find_element(By.CSS_SELECTOR, ".heat .readout")
    assert readout.get_attribute("aria-live") == "polite"
    tab_to(driver, canvas)
    said = [readout.text]
    for key in (Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.HOME, Keys.END, Keys.PAGE_DOWN):
        canvas.send_keys(key)
        said.append(readout.text)
    assert said[0].startswith("0, step 592, −")
    assert said[0].endswith("decades")
    assert said[1].startswith("2, step 592")
    assert said[2].startswith("2, step 580")
    assert said[3].startswith("2, step 0")
    assert said[4] == said[1]
    assert said[5] == "20, step 592, 0.0 decades"
    canvas.send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT)  # the corner is the end
    assert readout.text == said[5]
    canvas.send_keys(Keys.CONTROL, Keys.HOME)
    assert readout.text.startswith("0, step 0")


def test_the_cursor_is_seen_on_the_map(driver, written):
    driver.get(written("vanishing", "en"))
    canvas = driver.find_element(By.CSS_SELECTOR, ".stage canvas")
    before = driver.execute_script("return arguments[0].toDataURL()", canvas)
    canvas.send_keys(Keys.ARROW_DOWN)
    assert driver.execute_script("return arguments[0].toDataURL()", canvas) != before


def test_the_pointer_reads_a_cell(driver, written):
    dress(driver, height=2400)
    driver.get(written("vanishing", "ko"))
    ActionChains(driver).move_to_element(driver.find_element(By.CSS_SELECTOR, ".stage canvas")).perform()
    tip = driver.find_element(By.CSS_SELECTOR, ".tip")
    assert tip.is_displayed()
    assert "스텝" in tip.text


def test_the_map_switches_to_other_quantities(driver, written):
    driver.get(written("vanishing", "en"))
    choices = driver.find_elements(By.CSS_SELECTOR, ".choice input")
    assert [choice.get_attribute("value") for choice in choices] == ["ratio", "rho", "saturation", "dead", "update"]
    driver.execute_script("arguments[0].focus()", choices[0])
    choices[0].send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert text_of(driver, ".heat .readout").endswith("%")
    assert text_of(driver, ".scale .high") == "100 %"


def test_the_scale_of_the_map_has_powers_of_ten_as_one_writes_them(driver, written):
    driver.get(written("vanishing", "ko"))
    low, high = text_of(driver, ".scale .low"), text_of(driver, ".scale .high")
    assert re.fullmatch(r"10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+배 · 소실", low), low
    assert re.fullmatch(r"10[⁰¹²³⁴⁵⁶⁷⁸⁹]+배 · 폭주", high), high


def test_what_is_no_number_is_said_as_such(driver, written):
    driver.get(written("broken", "en"))
    canvas = driver.find_element(By.CSS_SELECTOR, ".stage canvas")
    canvas.send_keys(Keys.END)
    assert text_of(driver, ".heat .readout").endswith("not finite")
    canvas.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 12)
    assert text_of(driver, ".heat .readout").endswith("step 36, exactly zero")


def test_charts_are_read_by_keyboard(driver, written):
    driver.get(written("vanishing", "en"))
    area = driver.find_element(By.CSS_SELECTOR, "#network-1-loss .area")
    assert area.get_attribute("role") == "slider"
    area.send_keys(Keys.HOME)
    assert area.get_attribute("aria-valuenow") == "0"
    assert area.get_attribute("aria-valuetext").startswith("step 0: loss 2.2")
    assert text_of(driver, "#network-1-loss .readout").startswith("step 0")
    area.send_keys(Keys.ARROW_RIGHT)
    assert area.get_attribute("aria-valuetext").startswith("step 1: ")
    depth = driver.find_element(By.CSS_SELECTOR, "#network-1-depth .area")
    depth.send_keys(Keys.END)
    assert depth.get_attribute("aria-valuetext").startswith("20: first, step 0 0.0 decades")


def test_the_theme_follows_the_system_and_the_button(driver, written):
    dress(driver, theme="dark")
    driver.get(written("vanishing", "en"))
    colour = "return getComputedStyle(document.body).backgroundColor"
    canvas = "return document.querySelector('.stage canvas').toDataURL()"
    dark, dark_map = driver.execute_script(colour), driver.execute_script(canvas)
    button = driver.find_element(By.ID, "theme")
    assert button.text == "Light theme"
    button.send_keys(Keys.ENTER)
    assert button.text == "Dark theme"
    assert driver.execute_script(colour) != dark
    assert driver.execute_script(canvas) != dark_map
    button.send_keys(Keys.ENTER)
    assert driver.execute_script(colour) == dark


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["broken", "cured"])  # they have every part that a page can have
def test_axe_finds_nothing_serious(driver, written, name, theme, language):
    dress(driver, theme=theme)
    driver.get(written(name, language))
    driver.execute_script("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    driver.execute_script(AXE.read_text("utf-8"))
    found = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']})"
        ".then((result) => done(result.violations), (error) => done(String(error)))"
    )
    grave = [
        (rule["id"], rule["impact"], [(node["html"][:200], node["failureSummary"]) for node in rule["nodes"][:3]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
    assert grave == []


def test_axe_would_find_something(driver, written):
    driver.get(written("vanishing", "en"))
    driver.execute_script(
        "document.documentElement.removeAttribute('lang'); document.getElementById('theme').textContent = ''"
    )
    driver.execute_script(AXE.read_text("utf-8"))
    found = driver.execute_async_script(
        "axe.run(document).then((r) => arguments[arguments.length - 1](r.violations.map((v) => v.id)))"
    )
    assert {"html-has-lang", "button-name"} <= set(found)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [*SCENES, *OUTCOMES])
def test_a_phone_scrolls_in_one_direction_only(driver, written, name, language):
    dress(driver, width=360)
    driver.get(written(name, language))
    driver.execute_script("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    width = driver.execute_script("return document.documentElement.scrollWidth")
    wide = driver.execute_script(
        "return [...document.querySelectorAll('main *')].filter((e) => !e.closest('.scroll') && "
        "e.getBoundingClientRect().right > 361).map((e) => e.tagName + '.' + (e.className.baseVal ?? e.className))"
    )
    assert width == 360, wide


def test_the_text_for_an_issue_is_copied_or_selected(driver, written):
    driver.get(written("vanishing", "en"))
    driver.find_element(By.ID, "copy").send_keys(Keys.ENTER)
    status = driver.find_element(By.ID, "copy-status")
    driver.execute_async_script("setTimeout(arguments[0], 200)")
    if status.text != "Copied.":
        assert "IG101" in driver.execute_script("return getSelection().toString()")
        assert driver.find_element(By.ID, "issue-text").is_displayed()


def test_printing_is_light_and_unfolds_the_rules_pages(driver, written):
    dress(driver, theme="dark")
    driver.get(written("vanishing", "en"))
    driver.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert driver.execute_script("return document.documentElement.dataset.theme") == "light"
    assert driver.execute_script("return document.querySelector('details.rule').open")
    driver.execute_script("dispatchEvent(new Event('afterprint'))")
    assert driver.execute_script("return 'theme' in document.documentElement.dataset") is False
    assert not driver.execute_script("return document.querySelector('details.rule').open")


def test_without_scripts_the_numbers_are_still_there(driver, written):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(written("vanishing", "en"))
        text = text_of(driver, "main")
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "need JavaScript" in text
    assert "As a table" in text
    assert "Point at a place" not in text
