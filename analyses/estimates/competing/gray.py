"""Gray's test: are the cumulative incidences of a cause equal in all groups?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np
import polars as pl

from analyses.estimates.competing.gray_scores import GrayScores, gray_scores
from analyses.estimates.distributions import chi_square_p
from analyses.estimates.event_counts import EventCounts, count_events
from analyses.estimates.event_times import causes_note
from analyses.estimates.groups import Label, reference_level
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.survival.log_rank import refuse_single
from analyses.estimates.survival.rank_scores import chi_square
from analyses.estimates.survival.risk_table import RiskTable, risk_table
from cohort.errors import EstimationError, some

Row = dict[str, object]


def gray(
    events: pl.DataFrame,
    *,
    by: str = "arm",
    cause: str | None = None,
    strata: str | Sequence[str] | None = None,
    rho: float = 0.0,
    frequency: str | None = None,
) -> Estimates:
    """Return Gray's comparison of the groups' cumulative incidences, cause by cause (the test of R's cmprsk::cuminc).

    Rows (term the cause) "observed" and "expected" events a group, weighted where rho is above 0 (`n` the group's rows,
    `events` counted), and "Gray chi-square" (`df`, `p_value`, `reference` the first level, `events` of that cause).
    Where a cause never falls on a day on which two groups are at risk its chi-square is null, with a note.

    The test is of what happens to subjects, all causes acting; the log-rank test of a cause with the others censored is
    of its rate among who are still there, and may well point the other way. Where no other cause occurs, observed and
    expected events are those of the log-rank test and its variance is another estimate of the same quantity, close to
    it in large samples.

    An Enum level without rows costs no degree of freedom. Who is censored on the day of an event is at risk for it. If
    the common cumulative incidence under no difference, which is an estimate and may do so in very small samples,
    reaches 1 while groups can still be compared, later times are left out, with a note.

    Args:
        events: EVENTS with exact and right-censored times from the start, `cause`, and the column `by`.
        by: The grouping column.
        cause: The cause of interest; None for each cause in turn, the others competing.
        strata: Columns within whose combinations groups are compared; the sums are added up over them.
        rho: Times weigh (1 - F) ** rho, F being the common cumulative incidence just before; above 0 early
            differences count for more.
        frequency: Column that says how many rows each row stands for.

    Raises:
        EstimationError: There are not two groups with rows; the cause does not occur, or nothing can be compared;
            subjects enter late; rho is negative or not finite; times cannot be used (see `count_events`).

    Sources: Gray RJ. Ann Stat 1988;16:1141-54.

    >>> times = {"subject_id": list("123456"), "arm": list("AABBAB"), "entry": 0.0, "left": [1.0, 2, 3, 4, 5, 6]}
    >>> events = pl.DataFrame(times | {"cause": ["relapse", "death", "relapse", "relapse", "death", None]})
    >>> events = events.with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))
    >>> found = gray(events, cause="relapse")
    >>> round(found.value("expected", group="A"), 3), round(found.value("Gray chi-square"), 3)
    (1.4, 0.159)
    """
    if not isinstance(rho, Real) or not 0 <= rho < math.inf:
        raise EstimationError(f"rho={rho!r} was given; the power of the weights is a finite number from 0 up")
    counted = count_events(events, by, strata=strata, frequency=frequency)
    reference = reference_level(counted.labels, by, None)
    _refuse_late(counted)
    table = risk_table(counted)
    refuse_single(counted, table, by, "Gray's test")
    rows: list[Row] = []
    notes = [note for note in counted.notes if note not in causes_note(counted.causes)]
    for name in _asked(counted, cause):
        own, remarks = _of_cause(counted, table, name, rho, reference)
        rows += own
        notes += remarks
    if all(row["estimate"] is None for row in rows if row["statistic"] == "Gray chi-square"):
        raise EstimationError(notes[-1])
    names = [strata] if isinstance(strata, str) else list(strata or ())
    words = "Gray's test of equal cumulative incidences" + (f" with rho {rho:g}" if rho else "")
    return Estimates(
        estimates_frame(rows), words + (f", stratified by {' and '.join(names)}" if names else ""), tuple(notes)
    )


def _refuse_late(counted: EventCounts) -> None:
    late = counted.cells.filter(pl.col("_entry") > 0)["_count"].sum()
    if late:
        raise EstimationError(
            f"{late} of {counted.rows} rows enter late (entry > 0); Gray's test needs everybody from the start: "
            "compare the rates of each cause (log_rank with the other causes censored), which allow late entry"
        )


def _asked(counted: EventCounts, cause: str | None) -> list[str]:
    occurring = set(counted.cells.filter(pl.col("_cause") > 0)["_cause"].unique())
    causes = [name for number, name in enumerate(counted.causes, start=1) if number in occurring]
    if not causes:
        raise EstimationError("0 events: Gray's test needs at least one")
    if cause is not None and cause not in causes:
        raise EstimationError(f"cause={cause!r} does not occur; the causes are {some(causes, 9)}")
    return causes if cause is None else [cause]


def _of_cause(
    counted: EventCounts, table: RiskTable, cause: str, rho: float, reference: Label
) -> tuple[list[Row], list[str]]:
    of_cause = table.events_by_cause[counted.causes.index(cause)]
    other = table.events - of_cause
    parts = [gray_scores(table.at_risk[:, own], of_cause[:, own], other[:, own], rho) for own in table.strata()]
    observed, expected, covariance = _added(parts)
    seen = of_cause.sum(axis=1).astype(np.int64)
    rows: list[Row] = []
    for name, values in (("observed", observed), ("expected", expected)):
        for label, size, value, count in zip(counted.labels, table.size, values, seen, strict=True):
            row: Row = {"statistic": name, "term": cause, "group": label, "estimate": float(value)}
            rows.append(row | {"n": int(size), "events": int(count)})
    test: Row = {"statistic": "Gray chi-square", "term": cause, "reference": reference, "estimate": None}
    notes = []
    if any(part.exhausted for part in parts):
        notes.append(f"{cause}: the common cumulative incidence reaches 1; times after that are left out")
    try:
        statistic, df = chi_square(observed - expected, covariance)
        test |= {"estimate": statistic, "df": df, "p_value": chi_square_p(statistic, df)}
    except EstimationError as error:
        notes.append(f"{cause}: {error}")
    return [*rows, test | {"n": int(table.size.sum()), "events": int(seen.sum())}], notes


def _added(parts: list[GrayScores]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    observed = np.sum([part.observed for part in parts], axis=0)
    expected = np.sum([part.expected for part in parts], axis=0)
    return observed, expected, np.sum([part.covariance for part in parts], axis=0)
