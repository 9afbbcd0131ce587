"""A rule's page, written in Markdown, as HTML that can do nothing but be read."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_FIRST_HEADING = 4
"""The page already uses levels 1 to 3 above the place where a rule's page is folded in."""


def markdown_to_html(source: str) -> Markup:
    """Markdown with tables as HTML; raw HTML in it is shown as text, links may only be http(s) or within the page.

    Args:
        source: The page, in CommonMark; its headings are moved down below those of the report.

    Example:
        >>> markdown_to_html("Raw <b>stays</b> text")
        Markup('<p>Raw &lt;b&gt;stays&lt;/b&gt; text</p>\\n')
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable("image")  # nothing is loaded from elsewhere
    tokens = parser.parse(source)
    levels = sorted({int(token.tag[1]) for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            # No level may be left out, or a screen reader's outline has holes.
            token.tag = f"h{min(6, _FIRST_HEADING + levels.index(int(token.tag[1])))}"
        # Alignment of table cells: the page's policy allows no inline style, its style sheet knows numbers.
        if token.attrs.pop("style", None) == "text-align:right":
            token.attrs["class"] = "number"
    return Markup(parser.renderer.render(tokens, parser.options, {}))
