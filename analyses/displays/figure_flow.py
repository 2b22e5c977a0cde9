"""The way of a cohort through its treatments: a stream that thins as subjects meet the criterion or leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import FONT, INK, PALETTE, grammar, house_theme
from analyses.displays.flow_layout import (
    FAILED,
    INTOLERANCE,
    LEFT,
    REMISSION,
    STREAM,
    UNKNOWN,
    WENT_ON,
    Flow,
    Step,
    flow_of,
)
from analyses.displays.treatment_axis import counts_of
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import ggplot

_WIDTH, _HEIGHT, _LEAST, _MOST = 9.0, 5.2, 4, 12
# Of the treatments drawn: the room at the left for the names of the rows, and its part between names and numbers.
_NAMES, _BESIDE = 0.27, 0.045
_CAPTION = "Links onwards leave from all verdicts together: the counts do not tell whose verdicts the leavers had."
_COLOURS = {
    STREAM: INK,
    REMISSION: PALETTE[2],
    FAILED: PALETTE[5],
    INTOLERANCE: PALETTE[4],
    UNKNOWN: PALETTE[3],
    WENT_ON: "#c9d6df",
    LEFT: "#8c8c8c",
}


def flow_figure(estimates: Estimates, *, x_label: str = "Treatment", title: str | None = None) -> ggplot:
    """Return a flow of a cohort through its treatments, with the number of subjects on every link.

    At each treatment a dark bar as high as the number who tried it; from it upwards those who met the criterion; in
    the stream those who did not, by verdict (not met, stopped for intolerance, undetermined); then those who went on
    to the next treatment, and downwards those who never did. Heights are in proportion to subjects throughout. Below
    stand the counts of the verdicts, which on thin links could not be read. Which verdict the leavers had is not told
    by these counts, so links from the verdicts onwards are drawn from all of them together.

    Args:
        estimates: What `successive` returned, of one cohort: the counts "tried", "met" and, where known,
            "stopped for intolerance" and "undetermined", by treatment number.
        x_label: What is counted along the axis.
        title: The figure's title; a screen reader says it, and the numbers.

    Raises:
        EstimationError: A count is missing, counts contradict each other, or there are more than 12 treatments.
    """
    steps = _steps(estimates.frame)
    flow = flow_of(steps)
    rows = _rows(steps)
    p = grammar()
    line = (flow.top - flow.floor) * 0.055
    floor = flow.floor - line * (len(rows) + 2.4)
    figure = p.ggplot() + _shapes(flow) + _numbers(flow) + _below(steps, rows, flow.floor, line, x_label)
    figure = figure + _scales(steps, floor, flow.top)
    made: ggplot = (
        figure
        + house_theme(_WIDTH, _HEIGHT + 0.17 * len(rows) + (0.3 if title else 0))
        + p.theme(
            axis_text=p.element_blank(),
            axis_ticks=p.element_blank(),
            axis_title=p.element_blank(),
            legend_key_width=14,
        )
        + p.labs(
            x=_spoken(steps),
            y=f"Number of subjects by {x_label.lower()}",
            title=title,
            caption=_CAPTION if len(rows) > 1 and len(steps) > 1 else None,
        )
    )
    return made


def _steps(frame: pl.DataFrame) -> list[Step]:
    tried, met = counts_of(frame, STREAM), counts_of(frame, REMISSION)
    if not tried or set(tried) != set(met):
        raise EstimationError(
            f"{len(tried)} treatments have a count 'tried' and {len(met)} a count 'met'; a flow needs both for the "
            "same treatments, as successive() returns them"
        )
    numbers = sorted(tried)
    if numbers != list(range(1, len(numbers) + 1)) or len(numbers) > _MOST:
        raise EstimationError(
            f"{len(numbers)} treatments were found ({some(numbers)}); a flow shows treatments 1, 2 ... up to {_MOST} "
            "without a gap: keep those rows"
        )
    intolerance, unknown, left = (counts_of(frame, name) for name in (INTOLERANCE, UNKNOWN, LEFT))
    steps = []
    for n in numbers:
        on = tried.get(n + 1, 0)
        away = tried[n] - met[n] - on if n < numbers[-1] else left.get(n)
        steps.append(_checked(Step(n, tried[n], met[n], intolerance.get(n, 0), unknown.get(n, 0), on, away)))
    return steps


def _checked(step: Step) -> Step:
    if (step.left or 0) < 0 or step.failed < 0 or step.met < 0 or step.tried < 1:
        raise EstimationError(
            f"treatment {step.number}: {step.tried} tried, {step.met} met, {step.intolerance} stopped for intolerance, "
            f"{step.unknown} undetermined and {step.on} went on; expected at least one who tried, and no more "
            "that went on, stopped or were undetermined than did not meet it: check the counts"
        )
    return step


def _rows(steps: Sequence[Step]) -> list[tuple[str, list[int]]]:
    """Return the verdicts of those who did not meet it, as rows of counts; empty verdicts are left out."""
    rows = [
        (FAILED, [step.failed for step in steps]),
        (INTOLERANCE, [step.intolerance for step in steps]),
        (UNKNOWN, [step.unknown for step in steps]),
    ]
    return [(kind, counts) for kind, counts in rows if any(counts)]


def _shapes(flow: Flow) -> list[object]:
    p = grammar()
    kinds = [kind for kind in _COLOURS if kind in flow.shapes["kind"].to_list()]
    drawn = flow.shapes.with_columns(kind=pl.col("kind").cast(pl.Enum(kinds)))
    colours = [_COLOURS[kind] for kind in kinds]
    # An outline, so that a link of one subject among thousands is still seen.
    return [
        p.geom_polygon(p.aes("x", "y", group="shape", fill="kind", color="kind"), drawn, size=0.25),
        p.scale_fill_manual(values=colours),
        p.scale_color_manual(values=colours, guide=None),
        p.guides(fill=p.guide_legend(nrow=1)),
    ]


def _numbers(flow: Flow) -> list[object]:
    p = grammar()
    style = {"size": 8.5, "color": INK, "family": FONT}
    return [
        p.geom_text(p.aes("x", "y", label="written"), placed, va=str(va), ha=str(ha), **style)
        for (va, ha), placed in flow.labels.group_by("va", "ha", maintain_order=True)
    ]


def _below(
    steps: Sequence[Step], rows: Sequence[tuple[str, list[int]]], start: float, line: float, x_label: str
) -> list[object]:
    """Return the treatment numbers and, under them, the counts of the verdicts, each in a row with its name."""
    p = grammar()
    places = [{"x": float(step.number), "y": start - line / 2, "written": str(step.number)} for step in steps]
    beside = 1 - _BESIDE * max(_LEAST, len(steps))
    names = [{"x": beside, "y": start - line / 2, "written": x_label}]
    for position, (kind, counts) in enumerate(rows):
        y = start - line * (position + 1.9)
        names.append({"x": beside, "y": y, "written": kind.capitalize()})
        places += [
            {"x": float(step.number), "y": y, "written": str(value)} for step, value in zip(steps, counts, strict=True)
        ]
    text = p.aes("x", "y", label="written")
    style = {"size": 8.5, "color": INK, "family": FONT}
    return [
        p.geom_text(text, pl.DataFrame(places), **style),
        p.geom_text(text, pl.DataFrame(names), ha="right", **style),
    ]


def _scales(steps: Sequence[Step], floor: float, top: float) -> list[object]:
    p = grammar()
    left = 1 - _NAMES * max(_LEAST, len(steps))
    return [
        p.scale_x_continuous(expand=(0, 0), limits=(left, steps[-1].number + 1.0)),
        p.scale_y_continuous(expand=(0, 0), limits=(floor, top)),
    ]


def _spoken(steps: Sequence[Step]) -> str:
    """Return the flow in words, for who cannot see it."""
    return "; ".join(
        f"treatment {step.number}: {step.tried} tried it, {step.met} met the criterion"
        + (f", {step.intolerance} stopped for intolerance" if step.intolerance else "")
        + (f", {step.unknown} undetermined" if step.unknown else "")
        + (f", {step.on} went on" if step.on else "")
        + ("" if step.left is None else f", {step.left} never went on")
        for step in steps
    )
