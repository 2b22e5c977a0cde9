"""Figures as bytes: SVG that stands in a page and repeats exactly, and files."""

from __future__ import annotations

import hashlib
import html
import os
import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.errors import CohortError

if TYPE_CHECKING:
    from plotnine import ggplot

# Text stays text: it can be selected, searched and read out. It is laid out in DejaVu Sans, which comes with
# matplotlib; every family named here is as wide or narrower, so that nothing grows out of its place.
_FONTS = "'DejaVu Sans', Verdana, 'Helvetica Neue', Arial, sans-serif"
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "refractory",
    "pdf.fonttype": 42,
    "path.simplify": False,
    # A group may be called "$5 to $10".
    "text.parse_math": False,
}
_FORMATS: dict[str, dict[str, None]] = {
    ".svg": {"Date": None},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
}


def svg(
    figure: ggplot,
    width: float | None = None,
    height: float | None = None,
    *,
    label: str | None = None,
    prefix: str | None = None,
) -> str:
    """Return a figure as an SVG element for a page: it fills its column up to its own width, and repeats byte for byte.

    Args:
        figure: The figure.
        width: Inches; the figure's own where none is given.
        height: Inches; the figure's own where none is given.
        label: What a screen reader says; the figure's title and axis label where none is given.
        prefix: Put before every id, so that several figures can stand in one page; made from the drawing where none is
            given, so give different ones where a page holds the same figure twice.
    """
    drawn = _drawn(figure, ".svg", width, height).decode("utf-8")
    body = drawn[drawn.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # A style element would reach the whole page: its one rule is inherited from the root just as well.
    body = re.sub(r"\s*<style type=\"text/css\">.*?</style>", "", body, flags=re.DOTALL)
    body = _own_ids(body, prefix or "f" + hashlib.sha256(body.encode()).hexdigest()[:10])
    return _rooted(_fonts(body), label or _spoken(figure))


def save_figure(
    figure: ggplot, path: str | os.PathLike[str], width: float | None = None, height: float | None = None
) -> Path:
    """Write a figure as PNG (200 dots an inch), SVG or PDF, by the path's ending; the same figure gives the same bytes.

    Args:
        figure: The figure.
        path: Where to; missing folders are made.
        width: Inches; the figure's own where none is given.
        height: Inches; the figure's own where none is given.

    Raises:
        CohortError: The ending names no known format.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in _FORMATS:
        raise CohortError(
            f"a figure cannot be written as {target.name!r}; expected a name that ends in .png, .svg or .pdf"
        )
    if kind == ".svg":
        content = f'<?xml version="1.0" encoding="utf-8"?>\n{svg(figure, width, height)}\n'.encode()
    else:
        content = _drawn(figure, kind, width, height)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def _drawn(figure: ggplot, kind: str, width: float | None, height: float | None) -> bytes:
    from matplotlib import rc_context

    own_width, own_height = _own_size(figure)
    size = (width or own_width, height or own_height)
    buffer = BytesIO()
    with rc_context(_SETTINGS), warnings.catch_warnings():
        # A letter that the font lacks stays text in an SVG, which a browser draws in a font that has it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.save(
            buffer,
            format=kind[1:],
            width=size[0],
            height=size[1],
            units="in",
            dpi=200,
            limitsize=False,
            verbose=False,
            metadata=_FORMATS[kind],
        )
    return buffer.getvalue()


def _own_size(figure: ggplot) -> tuple[float, float]:
    from plotnine.options import get_option

    width, height = figure.theme.getp("figure_size") or get_option("figure_size")
    return float(width), float(height)


def _own_ids(body: str, prefix: str) -> str:
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", body)


def _fonts(body: str) -> str:
    return re.sub(r"'DejaVu Sans'(, sans-serif)?", _FONTS, body)


def _rooted(body: str, label: str) -> str:
    """Return the SVG with a root that scales with its column and names itself."""
    root, rest = body.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', root)
    if box is None:
        raise CohortError("a figure was drawn without a viewBox; expected matplotlib's SVG")
    wide = float(box[1].split()[2]) / 72
    said = html.escape(label)
    attributes = (
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box[1]}" role="img" '
        f'aria-label="{said}" width="100%" style="max-width: {wide:g}in; height: auto; '
        'stroke-linejoin: round; stroke-linecap: butt"'
    )
    return f"<svg {attributes}>\n <title>{said}</title>{rest}".rstrip()


def _spoken(figure: ggplot) -> str:
    said = [getattr(figure.labels, name, None) for name in ("title", "y", "x")]
    return ". ".join(str(text) for text in said if text) or "Figure"
