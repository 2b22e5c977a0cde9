"""The one table renderer: any estimates in, a table as clinical reports print it out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl

from analyses.displays.grid import Grid
from analyses.displays.layout import Layout, lay_out
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from great_tables import GT

_LOOK: dict[str, Any] = {
    "table_font_names": ["system-ui", "Segoe UI", "Helvetica", "Arial", "sans-serif"],
    "table_font_size": "14px",
    "table_border_top_color": "#1a1a1a",
    "table_border_bottom_color": "#1a1a1a",
    "heading_align": "left",
    "heading_title_font_size": "16px",
    "heading_title_font_weight": "bold",
    "column_labels_font_weight": "bold",
    "column_labels_border_bottom_color": "#1a1a1a",
    "column_labels_border_bottom_width": "1px",
    "row_group_font_weight": "bold",
    "row_group_border_top_style": "none",
    "row_group_border_bottom_style": "none",
    "table_body_hlines_style": "none",
    "table_body_border_bottom_color": "#1a1a1a",
    "stub_border_style": "none",
    "data_row_padding": "4px",
    "source_notes_font_size": "12px",
}


def table(
    estimates: Estimates,
    *,
    title: str | None = None,
    subtitle: str | None = None,
    table_id: str | None = None,
) -> GT:
    """Return the estimates as a table that a clinical reader knows.

    Shares stand as "29/84 (34.5%)" above their limits, one row a criterion and term, one column a group, differences
    beside them in percentage points; described variables as mean (SD), median (q1, q3), range and missing, levels as
    n (%); survival as percent at each time with the number at risk; quantiles in days, "not reached" where the curve
    does not fall so far; ratios as "0.77 (0.59 to 1.00), p = 0.053" with the reference named; chi-square tests under
    the table. Anything else is one row a number. A number that does not exist is an en dash. Every number is the
    frame's.

    Args:
        estimates: What to show.
        title: The heading; the analysis' name where it has one.
        subtitle: The line below it; the population where the frame names one.
        table_id: The id of the HTML element; made from the content where none is given, so that equal tables have
            equal bytes. Give different ones where a page holds the same table twice.

    Raises:
        EstimationError: The frame has no rows.
    """
    layout = lay_out(estimates.frame, estimates.confidence)
    head = title or _only(estimates.frame, "analysis")
    population = _only(estimates.frame, "population")
    below = subtitle or (f"Population: {population}" if population not in (None, "all") else None)
    made = _great_table(layout, table_id or _content_id(layout, head, below))
    return made if head is None else made.tab_header(head, below)


def bare_table(estimates: Estimates, table_id: str) -> GT:
    """Return the same table without a heading, for a page that captions it.

    Raises:
        EstimationError: The frame has no rows.
    """
    return _great_table(lay_out(estimates.frame, estimates.confidence), table_id)


def _only(frame: pl.DataFrame, column: str) -> str | None:
    names = frame[column].unique()
    return (names.item() or None) if names.len() == 1 else None


def _content_id(layout: Layout, title: str | None, subtitle: str | None) -> str:
    return "t" + hashlib.sha256(repr((layout, title, subtitle)).encode()).hexdigest()[:10]


def _great_table(layout: Layout, table_id: str) -> GT:
    from great_tables import GT, loc, style

    grid = layout.grid
    blocks = any(line.block for line in grid.lines)
    made = GT(_frame(grid), rowname_col="label", groupname_col="block" if blocks else None, id=table_id)
    made = made.cols_label({_column(i): heading for i, heading in enumerate(grid.headings)})
    made = made.cols_align("center", [_column(i) for i in range(len(grid.headings))])
    everywhere = list(range(len(grid.lines)))
    made = made.tab_stub_indent(everywhere, indent=2) if blocks else made.cols_hide("block")
    figures = "font-variant-numeric: tabular-nums;"
    made = made.tab_style(style.css(f"white-space: pre; {figures}"), loc.body())
    made = made.tab_style(style.css("white-space: pre-line;"), loc.column_labels()).tab_options(**_LOOK)
    for note in layout.notes:
        made = made.tab_source_note(note)
    return made


def _column(position: int) -> str:
    return f"c{position}"


def _frame(grid: Grid) -> pl.DataFrame:
    texts = {_column(i): [line.texts[i] for line in grid.lines] for i in range(len(grid.headings))}
    stub = {"block": [line.block for line in grid.lines], "label": [line.label for line in grid.lines]}
    return pl.DataFrame(stub | texts)
