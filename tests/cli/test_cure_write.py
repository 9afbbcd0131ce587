"""`isograd cure --write`: what was seen to train otherwise stays out of the user's file."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from tests.report.verdict_scenes import OUTCOMES

from isograd.cli.cure import _apply
from isograd.cli.options import Outputs
from isograd.facts.verdict import Reproducibility
from isograd.treatment.patch.result import Patch

BEFORE, AFTER = b"lr = 1.0\n", b"lr = 0.1\n"


@pytest.mark.parametrize(
    ("outcome", "verified", "written", "said"),
    [
        ("cured", True, True, "train.py"),
        ("cured", None, True, "train.py"),
        ("cured", False, False, "does not train as the treated run did"),
        ("not_cured", True, False, "nothing was written"),
    ],
)
def test_only_a_proved_change_is_written(tmp_path, capsys, outcome, verified, written, said) -> None:
    file = tmp_path / "train.py"
    file.write_bytes(BEFORE)
    patch = Patch("diff", {str(file): AFTER.decode()}, (), str(tmp_path), {str(file): BEFORE}, {str(file): AFTER})
    verdict = replace(
        OUTCOMES[outcome]().verdict, patch="diff", patch_verified=verified, reproducibility=Reproducibility(True, 0.0)
    )
    cured: Any = SimpleNamespace(verdict=verdict, patch=patch)
    _apply(cured, Outputs(None, None, "en", quiet=False, fail_on="never"))
    assert file.read_bytes() == (AFTER if written else BEFORE)
    assert said in capsys.readouterr().err


def test_without_a_change_there_is_nothing_to_write() -> None:
    assert not replace(OUTCOMES["cured"]().verdict, patch="").can_be_applied
