"""The pieces of a page: every text is escaped here and nowhere else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template


def text(value: object) -> str:
    """Return a value as text that is safe anywhere in a page."""
    return html.escape(str(value), quote=True)


def paragraph(content: str, kind: str = "") -> str:
    """Return a paragraph; nothing where there is no content."""
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{text(content)}</p>\n" if content else ""


def sentence(content: str, kind: str) -> str:
    """Return a paragraph that ends as a sentence does."""
    return paragraph(content if content.endswith((".", "!", "?")) or not content else f"{content}.", kind)


def bullets(items: Iterable[str]) -> str:
    """Return a list of notes; nothing where there are none."""
    lines = "".join(f"<li>{text(item)}</li>\n" for item in items)
    return f'<ul class="notes">\n{lines}</ul>\n' if lines else ""


def section(anchor: str, title: str, content: str) -> str:
    """Return a section under a second-level heading."""
    return f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{text(title)}</h2>\n{content}</section>\n'


def summary(facts: Iterable[tuple[str, object]]) -> str:
    """Return key facts, label and value."""
    pairs = "".join(f"<div><dt>{text(label)}</dt><dd>{text(value)}</dd></div>\n" for label, value in facts)
    return f'<dl class="summary">\n{pairs}</dl>\n'


def definitions(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return definitions with their sources."""
    shown = "".join(
        f"<div>\n<dt>{text(name)}</dt>\n<dd>{text(says)}</dd>\n"
        + (f'<dd class="source">Source: {text(source)}</dd>\n' if source else "")
        + "</div>\n"
        for name, says, source in entries
    )
    return f'<dl class="definitions">\n{shown}</dl>\n'


def contents(entries: Sequence[tuple[str, str]]) -> str:
    """Return the table of contents from anchors and titles; nothing for a page of a single section."""
    if len(entries) < 2:
        return ""
    lines = "".join(f'<li><a href="#{anchor}">{text(title)}</a></li>\n' for anchor, title in entries)
    return f'<nav aria-labelledby="contents">\n<h2 id="contents">Contents</h2>\n<ol>\n{lines}</ol>\n</nav>\n'


def captioned_table(made: str, caption: str) -> str:
    """Return a table of great_tables for the page: captioned, styled by the page alone, in a box that scrolls."""
    body = made[made.index("<table") : made.index("</table>") + len("</table>")]
    body = f"<table>\n<caption><span>{text(caption)}</span></caption>{body[body.index('>') + 1 :]}"
    # The corner above the row labels heads nothing: an empty header would be read out as one.
    body = re.sub(r"<th( class=\"gt_col_heading[^>]*?) scope=\"col\"></th>", r"<td\1></td>", body)
    body = "\n".join(line for line in body.splitlines() if line.strip())
    return f'<div class="scroll" role="region" aria-label="{text(caption)}" tabindex="0">\n{body}\n</div>\n'


def captioned_figure(drawn: str, caption: str) -> str:
    """Return an SVG as a figure of the page, in a box that scrolls on a screen too narrow for its text."""
    box = f'<div class="scroll" role="region" aria-label="{text(caption)}" tabindex="0">\n{drawn}\n</div>\n'
    return f"<figure>\n<figcaption>{text(caption)}</figcaption>\n{box}</figure>\n"


def whole(title: str, subtitle: str, toc: str, main: str, footer: str) -> str:
    """Return the finished page: one file that asks the network for nothing."""
    room = files("analyses.displays")
    template = Template(room.joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=text(title),
        style=room.joinpath("page.css").read_text(encoding="utf-8"),
        subtitle=paragraph(subtitle, "subtitle"),
        contents=toc,
        main=main,
        footer=f"<footer>{paragraph(footer)}</footer>\n" if footer else "",
    )
