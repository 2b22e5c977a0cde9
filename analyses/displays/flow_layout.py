"""Where the stream of a flow figure runs: nodes, links and the numbers on them, from counts by treatment number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

REMISSION, FAILED, INTOLERANCE, UNKNOWN = "met", "not met", "stopped for intolerance", "undetermined"
WENT_ON, LEFT = "went on", "never went on"
STREAM = "tried"
# Of one treatment's unit of width: where its verdicts stand, and where a link ends.
_SPLIT, _NODE = 0.46, 0.035
_POINTS = 24
# Of the number who began: the lanes above and below the stream.
_ABOVE, _BELOW = 0.16, 0.12


@dataclass(frozen=True)
class Step:
    """One treatment's counts.

    Attributes:
        number: Which treatment.
        tried: How many tried it.
        met: How many met the criterion.
        intolerance: How many stopped for intolerance.
        unknown: How many could not be decided.
        on: How many went on to a next treatment.
        left: How many of the unmet never did; None at the last, where nobody is known to have had the occasion.
    """

    number: int
    tried: int
    met: int
    intolerance: int
    unknown: int
    on: int
    left: int | None

    @property
    def unmet(self) -> int:
        """How many did not meet it, for any reason or for want of records."""
        return self.tried - self.met

    @property
    def failed(self) -> int:
        """How many did not meet it for a reason other than intolerance."""
        return self.unmet - self.intolerance - self.unknown


@dataclass(frozen=True)
class Flow:
    """What is drawn, in units of persons (y) and treatments (x).

    Attributes:
        shapes: Corners of polygons (x, y) with the kind and the number of the polygon (`shape`).
        labels: Numbers (x, y, written, va, ha) on the links.
        floor: The lower end of the drawing.
        top: Its upper end.
    """

    shapes: pl.DataFrame
    labels: pl.DataFrame
    floor: float
    top: float


class _Drawing:
    """Polygons and numbers as they are added; a lane above the stream and one below, for a cohort of `began`."""

    def __init__(self, began: int) -> None:
        self.gap = 0.012 * began
        self.above = (0.5 + _ABOVE) * began
        self.below = -(0.5 + _BELOW) * began
        self.corners: list[dict[str, object]] = []
        self.labels: list[dict[str, object]] = []
        self.shape = 0

    def link(self, kind: str, start: tuple[float, float], end: tuple[float, float], size: float) -> None:
        """Add a band of constant height between two lower corners, and on the level for the width of a bar beyond."""
        if size <= 0:
            return
        along = np.linspace(0, 1, _POINTS)
        x = np.append(start[0] + along * (end[0] - start[0]), end[0] + 2 * _NODE)
        low = np.append(start[1] + along**2 * (3 - 2 * along) * (end[1] - start[1]), end[1])
        for across, up in zip([*x, *x[::-1]], [*low, *(low + size)[::-1]], strict=True):
            self.corners.append({"shape": self.shape, "kind": kind, "x": float(across), "y": float(up)})
        self.shape += 1

    def write(self, x: float, y: float, value: int, va: str, ha: str = "center") -> None:
        self.labels.append({"x": x, "y": y, "written": str(value), "va": va, "ha": ha})


def flow_of(steps: Sequence[Step]) -> Flow:
    """Return the drawing: the stream in the middle, those who met each treatment above it, those who left below."""
    drawing = _Drawing(steps[0].tried)
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        _one(drawing, step, following)
    most = max(step.met for step in steps), max(step.left or 0 for step in steps)
    room = 0.14 * steps[0].tried
    frame = pl.DataFrame(drawing.corners)
    labels = pl.DataFrame(drawing.labels)
    return Flow(frame, labels, drawing.below - most[1] - room, drawing.above + most[0] + room)


def _one(drawing: _Drawing, step: Step, following: Step | None) -> None:
    x, split, end = step.number + _NODE, step.number + _SPLIT, step.number + 0.84
    gap, low, above, below = drawing.gap, -step.tried / 2, drawing.above, drawing.below
    drawing.link(STREAM, (x - 2 * _NODE, low), (x - 2 * _NODE, low), step.tried)
    drawing.write(x, step.tried / 2 + gap, step.tried, "bottom", "right")
    drawing.link(REMISSION, (x, low + step.unmet), (split, above), step.met)
    drawing.write(split + _NODE, above + step.met + gap, step.met, "bottom")
    middle = low if following is None else -step.unmet / 2
    _verdicts(drawing, step, (x, low), (split, middle))
    leaving = split + 2 * _NODE
    if step.left is not None:
        drawing.link(LEFT, (leaving, middle), (end, below - step.left), step.left)
        drawing.write(end + _NODE, below - step.left - gap, step.left, "top")
    if following is not None:
        onward = (following.number - 3 * _NODE, -following.tried / 2)
        drawing.link(WENT_ON, (leaving, middle + step.unmet - step.on), onward, step.on)


def _verdicts(drawing: _Drawing, step: Step, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Add the unmet, split by their verdict, on their way to where they leave or go on."""
    rise = 0
    for kind, size in ((UNKNOWN, step.unknown), (INTOLERANCE, step.intolerance), (FAILED, step.failed)):
        drawing.link(kind, (start[0], start[1] + rise), (end[0], end[1] + rise), size)
        rise += size
