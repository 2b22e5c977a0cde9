"""Which family a number belongs to, and so how a table shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from analyses.displays import lay_agreement, lay_baseline, lay_effects, lay_shares, lay_survival, lay_times
from analyses.displays.format import DASH, level_text
from analyses.displays.grid import EFFECT, Cell, Grid, Heading, Row, arrange
from analyses.displays.lay_successive import successive_layout
from cohort.errors import EstimationError

Said = tuple[str, str, str]
"""A block, and name and text of what stands under the table."""


@dataclass(frozen=True)
class Layout:
    """A table's content: the grid, and what is said under it (tests, signs)."""

    grid: Grid
    notes: tuple[str, ...]


def lay_out(frame: pl.DataFrame, level: float) -> Layout:
    """Return the content of a table for any frame in the ESTIMATES shape.

    Numbers are grouped by criterion. Where the frame holds several analyses or populations, each criterion's heading
    names them. Steps of a curve are left out where there is anything else to show; tests go under the table.

    Raises:
        EstimationError: The frame has no rows.
    """
    if frame.is_empty():
        raise EstimationError("0 estimates were given to a table; expected at least one row: nothing was estimated")
    rows = list(_without_curves(frame).iter_rows(named=True))
    named = len({(row["analysis"], row["population"]) for row in rows}) > 1
    cells: list[Cell] = []
    said: list[Said] = []
    for block, own in _blocks(rows, named).items():
        steps = successive_layout(own, block, level_text(level))
        tests = [row for row in steps.rest if lay_effects.is_test(row)]
        cells += steps.cells
        cells += _criterion_cells([row for row in steps.rest if not lay_effects.is_test(row)], block, level_text(level))
        said += [(block, lay_effects.test_name(row), lay_effects.test_text(row)) for row in tests]
        said += [(block, name, text) for name, text in steps.sentences]
    if not cells:
        cells, said = [Cell(block, name, Heading(EFFECT, "Test"), text) for block, name, text in said], []
    grid = arrange(cells)
    return Layout(grid, (*_under_the_table(said), *_signs(grid)))


def _without_curves(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame without the steps of its curves; a frame of nothing else stays as it is."""
    step = (pl.col("term") == lay_survival.CURVE) | pl.col("statistic").is_in(lay_times.DRAWN)
    rest = frame.filter(~step.fill_null(value=False))
    return rest if rest.height else frame.with_columns(term=pl.lit(None, dtype=pl.String))


def _blocks(rows: Iterable[Row], named: bool) -> dict[str, list[Row]]:
    blocks: dict[str, list[Row]] = {}
    for row in rows:
        whose = [row["analysis"], row["population"]] if named else []
        name = " · ".join(part for part in (*whose, row["criterion"]) if part)
        blocks.setdefault(name, []).append(row)
    if len(blocks) > 1 and "" in blocks:
        return {name or "Overall": own for name, own in blocks.items()}
    return blocks


def _criterion_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    rest = [row for row in rows if not lay_effects.repeats_a_ratio(row, rows)]
    shares, rest = _claim(rest, _OUTCOME if lay_shares.is_outcome(rows) else ())
    described, rest = _claim(rest, lay_baseline.STATISTICS)
    survival, rest = _claim(rest, lay_survival.STATISTICS)
    timed, rest = _claim(rest, lay_times.STATISTICS)
    agreements, rest = _claim(rest, lay_agreement.STATISTICS if rows and _compares(rows) else ())
    ratios, rest = _claim(rest, {row["statistic"] for row in rest if lay_effects.is_ratio(row["statistic"])})
    return [
        *lay_shares.cells(shares, block, level),
        *lay_baseline.cells(described, block),
        *lay_survival.cells(survival, block, level),
        *lay_times.cells(timed, block, level),
        *lay_agreement.cells(agreements, block, level),
        *lay_effects.ratio_cells(ratios, block, level),
        *lay_effects.other_cells(rest, block, level),
    ]


def _compares(rows: Sequence[Row]) -> bool:
    """Return whether the rows hold one definition against another."""
    return any(row["statistic"] in lay_agreement.STATISTICS and row["reference"] is not None for row in rows)


_OUTCOME = (lay_shares.SHARE, lay_shares.DIFFERENCE, lay_shares.UNDETERMINED)


def _claim(rows: Sequence[Row], statistics: Iterable[str]) -> tuple[list[Row], list[Row]]:
    wanted = set(statistics)
    mine = [row for row in rows if row["statistic"] in wanted]
    return mine, [row for row in rows if row["statistic"] not in wanted]


def _under_the_table(said: Sequence[Said]) -> list[str]:
    several = len({block for block, _, _ in said}) > 1
    names = [": ".join([block] * several + [name]) for block, name, _ in said]
    return [f"{name[:1].upper()}{name[1:]}: {text}." for name, (_, _, text) in zip(names, said, strict=True)]


def _signs(grid: Grid) -> list[str]:
    texts = [text for line in grid.lines for text in line.texts]
    return [f"{DASH} not estimable."] if any(DASH in text for text in texts) else []
