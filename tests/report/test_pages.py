import pytest
from rich.cells import cell_len

from isograd.report.terminal.pages import render_page

PAGE = """# IG101 Vanishing gradient

## What it sees

The gain `G` falls below **10^-2**, see [the theory](https://example.org/theory).

| quantity | limit |
|---|--:|
| gain | -2.0 |

- one
- two

```python
nn.init.kaiming_normal_(layer.weight)  # [bold]
```

## 왜 해로운가

입력층에 가까운 층이 거의 학습되지 않습니다.
"""


def test_a_page_is_laid_out_without_its_marks() -> None:
    text = render_page(PAGE, 80, False)
    assert "IG101 Vanishing gradient" in text
    assert "**" not in text
    assert "nn.init.kaiming_normal_(layer.weight)  # [bold]" in text
    assert "https://example.org/theory" in text
    assert "\x1b" not in text


def test_colour_is_used_where_it_is_wanted() -> None:
    assert "\x1b[" in render_page(PAGE, 80, True)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit(width: int) -> None:
    assert max(cell_len(line) for line in render_page(PAGE, width, False).splitlines()) <= min(width, 120)


def test_a_page_cannot_act_on_the_terminal() -> None:
    assert "\x1b" not in render_page("a \x1b]0;title\x07 b\x9b31m", 80, False)


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "latin-1"])
def test_a_page_can_be_encoded(encoding: str) -> None:
    text = render_page(PAGE, 80, False, encoding)
    text.encode(encoding)
    assert "Vanishing gradient" in text
