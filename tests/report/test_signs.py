import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.report.signs import ASCII, UNICODE, can_encode, encodable, language_for, signs_for


@pytest.mark.parametrize(
    ("encoding", "signs"), [("utf-8", UNICODE), ("ascii", ASCII), ("cp949", ASCII), ("nonsense", ASCII), (None, ASCII)]
)
def test_signs_follow_the_encoding(encoding: str | None, signs: object) -> None:
    assert signs_for(encoding) is signs


def test_hangul_is_asked_for_only_where_it_can_be_shown() -> None:
    assert language_for("utf-8", "ko") == "ko"
    assert language_for("cp949", "ko") == "ko"
    assert language_for("latin-1", "ko") == "en"
    assert language_for("ascii", "en") == "en"


@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp949", "utf-8"]))
@settings(max_examples=200, deadline=None)
def test_whatever_is_made_encodable_can_be_encoded(text: str, encoding: str) -> None:
    assert can_encode(encoding, encodable(text, encoding))


def test_what_can_be_encoded_stays_as_it_is() -> None:
    assert encodable("×10^-9 층", "utf-8") == "×10^-9 층"
    assert encodable("×10^-9", "latin-1") == "×10^-9"
    assert encodable("‖g‖ → 0 …", "ascii") == "||g|| -> 0 ..."
