"""Bad input costs one clear sentence and status 2, before anything of the script starts."""

import re
from dataclasses import replace

import pytest

from isograd.facts import Text
from isograd.report.complaints import COMPLAINTS
from isograd.report.language import faults


@pytest.fixture
def folder(tmp_path):
    for name, source in {
        "train.py": "raise AssertionError('the script was started')",
        "broken.py": "x = 1\ndef f(:\n    pass\n",
        "nul.py": "x = '\0'",
        "package/__init__.py": "raise AssertionError('the package was imported')",
        "package/broken.py": "(",
        "empty/readme.txt": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff'\n")
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "record.sqlite").touch()
    (tmp_path / "file").touch()
    return tmp_path


SENTENCES = {
    ("run", "nowhere.py"): "nowhere.py: no such file; give the path of a training script, or -m and a module's name",
    ("run", "trainer.py"): "trainer.py: no such file; did you mean train.py?",
    ("run", "package/brokn.py"): "package/brokn.py: no such file; did you mean package/broken.py?",
    ("run", "empty"): "empty: the folder holds no __main__.py; give the path of a script in it",
    ("run", "-"): "isograd runs a script from a file and cannot read one from standard input, got -",
    ("run", "broken.py"): "{folder}/broken.py:2: the script is no valid Python: invalid syntax",
    ("run", "nul.py"): "{folder}/nul.py: the script is no valid Python: source code string cannot contain null bytes",
    (
        "run",
        "bytes.py",
    ): "{folder}/bytes.py:1: the script is no valid Python: (unicode error) 'utf-8' codec",
    ("run", "-m", "nowhere_at_all"): "no module named nowhere_at_all in {folder} or among the installed packages",
    ("run", "-m", "package.nowhere"): "no module named package.nowhere",
    ("run", "-m", "package"): "package is a package without a __main__.py, so -m cannot run it",
    (
        "run",
        "-m",
        "package.broken",
    ): "{folder}/package/broken.py:1: the script is no valid Python: '(' was never",
    ("run", "-m", "train.py"): "-m takes a module's name and got the file train.py; leave out -m to run it as a script",
    ("run", "-m", "./train"): "-m takes a module's name such as package.train, got './train'",
    ("run", "--out", "held", "train.py"): "--out held already holds the record of a run; name another folder",
    ("run", "--out", "file", "train.py"): "--out file cannot be written (File exists); name a folder that can",
    ("run", "--out", "file/x", "train.py"): "--out file/x cannot be written (Not a directory); name a folder that can",
    ("run", "--json", "held", "train.py"): "--json takes a file and got the folder held",
    ("run", "--html", "no/r.html", "train.py"): "--html no/r.html: there is no folder {folder}/no; make it first",
    ("view", "nowhere"): "There is no record at nowhere",
    ("view", "train.py"): "train.py cannot be read",
    ("view",): "there is no run in .isograd/runs; name one, or make one with: isograd run train.py",
    ("explain", "vanishng"): "nothing is called 'vanishng'; did you mean vanishing?",
    ("explain", "IG100"): "nothing is called 'IG100'; did you mean IG",
    ("explain", "wxyz"): "nothing is called 'wxyz'; isograd explain without a name lists all that there is.",
}


@pytest.mark.parametrize("arguments", SENTENCES)
def test_bad_input_costs_one_sentence(isograd, folder, arguments: tuple[str, ...]) -> None:
    status, stdout, stderr = isograd(*arguments)
    assert (status, stdout) == (2, "")
    assert stderr.startswith("isograd: " + SENTENCES[arguments].format(folder=folder))
    assert stderr.count("\n") == 1
    assert not (folder / ".isograd").exists()


@pytest.mark.parametrize("arguments", SENTENCES)
def test_bad_input_is_told_in_korean_too(isograd, folder, arguments: tuple[str, ...]) -> None:
    command, *rest = arguments
    status, stdout, stderr = isograd(command, "--lang", "ko", *rest)
    assert (status, stdout, stderr.count("\n")) == (2, "", 1)
    assert re.search("[가-힣]+(니다|나요)[.?:]", stderr), stderr
    assert "[" not in stderr.replace("[Errno", "")  # every particle has been chosen


def test_the_locale_chooses_the_language_of_a_complaint(isograd, folder, monkeypatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert isograd("run", "nowhere.py")[2].startswith("isograd: nowhere.py 파일이 없습니다.")
    assert isograd("run", "--lang", "en", "nowhere.py")[2].startswith("isograd: nowhere.py: no such file")


@pytest.mark.parametrize("text", COMPLAINTS, ids=lambda text: text.en[:40])
def test_a_complaint_holds_the_same_in_both_languages(text: Text) -> None:
    fields = re.findall(r"\{(\w+)\}", text.en)
    assert faults(replace(text, values=dict.fromkeys(fields, "x"))) == ()


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("rnu", "train.py"), "Did you mean 'run'?"),
        (("run", "--htlm", "x", "train.py"), "'--html'"),
        (("run",), "Missing argument 'SCRIPT'"),
        (("run", "--lang", "fr", "train.py"), "'fr' is not one of 'en', 'ko'"),
        (("run", "--fail-on", "note", "train.py"), "'note' is not one of"),
        (("run", "--budget", "much", "train.py"), "'much' is no share of the time; write 1% or 0.01."),
        (("run", "--budget", "1", "train.py"), "'1' may mean 1% or 100%; write it with a percent sign."),
        (("run", "--budget", "0", "train.py"), "'0' is not above 0 and at most 100%; write 1% or 0.01."),
        (("run", "--budget", "nan", "train.py"), "'nan' is not above 0"),
        (("run", "--budget", "101%", "train.py"), "'101%' is not above 0 and at most 100%"),
    ],
)
def test_a_wrong_option_is_told_with_a_hint(isograd, folder, arguments: tuple[str, ...], hint: str) -> None:
    status, _, stderr = isograd(*arguments)
    assert status == 2
    assert hint in stderr
    assert "Traceback" not in stderr


def test_debug_shows_where_an_error_comes_from(isograd) -> None:
    status, _, stderr = isograd("run", "--debug", "nowhere.py")
    assert status == 2
    assert stderr.startswith("Traceback")
    assert "isograd.errors.ScriptError: nowhere.py: no such file" in stderr


def test_an_unreadable_script_is_told(isograd, folder, monkeypatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("io.open_code", refuse)
    assert isograd("run", "train.py")[2] == "isograd: train.py: the script cannot be read (Permission denied)\n"


def test_help_lists_what_there_is(isograd) -> None:
    status, stdout, _ = isograd("--help")
    assert status == 0
    listed = stdout.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == ["run", "check", "cure", "view", "explain"]
    assert "..." not in stdout.partition("Commands:\n")[2]  # nothing is cut off
    assert "rank-N" in isograd("run", "--help")[1]
    assert isograd("--version")[1].startswith("isograd 0.")
