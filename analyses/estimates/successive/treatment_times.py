"""Time and order together: how long each successive treatment took to bring the outcome, and days spent without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from analyses.estimates.competing.incidence import incidence
from analyses.estimates.competing.incidence_curve import IncidenceCurve
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import text
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.days_without import days_without_rows
from analyses.estimates.successive.treatment_events import NUMBER, SUBJECT, of_cause, treatment_events
from analyses.estimates.survival.person_time import person_time
from cohort.errors import EstimationError

Row = dict[str, object]
_PER = 1000.0
_WHO = (
    "each treatment's numbers are of those who went on to it; later curves lie lower where the easier cases have left, "
    "and where later treatments are worse: these numbers do not tell which"
)


def treatment_times(
    events: pl.DataFrame,
    *,
    cause: str,
    by: str | None = None,
    times: Sequence[float] = (),
    confidence: float = 0.95,
) -> Estimates:
    """Return, treatment by treatment, how soon the outcome came and how many days passed without it.

    The clock starts anew with each treatment, as in what `cohort.time_to` returns of sustained freedom. Rows, with the
    treatment number in `group` ("1", "2" ..) and the level of `by` in `population`:

    - "tried" (`n`: the cohort), and of `incidence` (Aalen-Johansen, robust errors, log-log limits) with the outcome as
      `term`: "cumulative incidence" at `times`, "cumulative incidence curve", "cumulative events", "events", and
      without a term "at risk", "cumulative censored". Other causes compete: who stopped without the outcome does not
      reach it later on that treatment.
    - "quantile" (`at` 0.5): the median day of the outcome among all who tried it, the first with an incidence of one
      half or more; limits are where those of the incidence pass one half. Null where they do not.
    - "person-time" in days, and "rate per 1000 days" of the outcome with exact Poisson limits.
    - "days without success", mean by `term`, days of treatments on which the outcome was not seen (days of the
      others are 0): "on this treatment", of those who tried it (`n`); "before this treatment", what these had spent
      so on their earlier ones; "up to this treatment", both together; "up to this treatment, whole cohort", the same
      of everybody, whether they tried it or not; and "total on this treatment", their sum. `events` counts the
      subjects with such days on this treatment. Standard errors are those of a mean (a sum) over subjects, each of
      whom counts once with all its treatments; normal limits, not below 0.

    Days are those under observation: from `entry` to the outcome, the stop or the end of the records. A treatment that
    went on without the outcome when the records ended has its days counted; a note says how many there are. Of a
    treatment that brought the outcome no day counts, although the outcome was not there on its first day. Treatments
    given together have each their own days.

    Args:
        events: EVENTS, one row a subject and treatment; `cause` names what ended it.
        cause: The outcome.
        by: The column that names the cohort; None for one.
        times: Days since the start of a treatment.
        confidence: Coverage of the limits.

    Raises:
        EstimationError: Times cannot be used; treatments have no number, or a subject has one twice; the outcome does
            not occur in a cohort; a time is out of range.

    Sources: Aalen OO, Johansen S. Scand J Stat 1978;5:141-50; Garwood F. Biometrika 1936;28:437-42.

    >>> rows = {"subject_id": ["a", "b", "b"], "treatment_no": [1, 1, 2], "entry": 0.0, "left": [40.0, 90.0, 50.0]}
    >>> events = pl.DataFrame(rows | {"right": [40.0, 90.0, 50.0], "cause": ["free", "stopped", "free"]})
    >>> found = treatment_times(events, cause="free", times=[60])
    >>> found.value("days without success", term="before this treatment", group="2")
    90.0
    """
    normal_quantile(confidence)
    checked = treatment_events(events, cause=cause, by=by)
    frames, notes, curves = [], list(checked.notes), []
    for label, rows in checked.parts:
        found = _of_cohort(rows, cause, times, confidence, label)
        frames.append(found.frame if label is None else found.frame.with_columns(population=pl.lit(label)))
        notes += found.notes
        curves += found.model
    method = f"Aalen-Johansen incidence of {cause} by treatment number; days without it by treatment and subject, "
    model = tuple(curves)
    return Estimates(pl.concat(frames), f"{method}{100 * confidence:g}% limits", (*notes, _WHO), confidence, model)


def _of_cohort(
    rows: pl.DataFrame, cause: str, times: Sequence[float], confidence: float, label: str | None
) -> Estimates:
    numbers = rows[NUMBER].unique().sort()
    named = rows.with_columns(text(rows[NUMBER]).cast(pl.Enum(text(numbers).to_list())).alias(NUMBER))
    if not (text(rows["cause"]) == cause).any():
        raise EstimationError(f"none of {rows.height} treatments of {label!r} ended with {cause!r}; leave it out")
    curves = incidence(named, by=NUMBER, times=times, causes=[cause], confidence=confidence)
    spent = person_time(of_cause(named, cause), by=NUMBER, per=_PER, confidence=confidence).frame
    spent = spent.filter(pl.col("statistic").is_in(["person-time", f"rate per {_PER:g} days"]))
    cohort = rows[SUBJECT].n_unique()
    found = [
        *_tried(rows, cohort),
        *_medians(curves, cause),
        *days_without_rows(rows, cause, normal_quantile(confidence)),
    ]
    frame = pl.concat([estimates_frame(found), curves.frame, spent.with_columns(term=pl.lit(cause))])
    return Estimates(frame, curves.method, tuple(_notes(rows, label)), confidence, curves.model)


def _tried(rows: pl.DataFrame, cohort: int) -> Iterator[Row]:
    for number, tried in rows.group_by(NUMBER).len().sort(NUMBER).iter_rows():
        yield {"statistic": "tried", "group": str(number), "estimate": tried, "n": cohort}


def _medians(curves: Estimates, cause: str) -> Iterator[Row]:
    for curve in curves.model:
        yield {
            "statistic": "quantile",
            "term": cause,
            "group": curve.group,
            "at": 0.5,
            "estimate": _first(curve, curve.incidence),
            # Where all have reached the outcome limits are unknown, and the upper one is certainly above one half.
            "conf_low": _first(curve, np.nan_to_num(curve.conf_high, nan=1.0)),
            "conf_high": _first(curve, np.nan_to_num(curve.conf_low, nan=0.0)),
            "n": curve.size,
            "events": int(np.sum(curve.events)),
        }


def _first(curve: IncidenceCurve, heights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    """Return the first day on which one half is reached, whatever rounding left of it."""
    reached = np.flatnonzero(heights >= 0.5 - 1e-12)
    return float(curve.time[reached[0]]) if len(reached) else None


def _notes(rows: pl.DataFrame, label: str | None) -> Iterator[str]:
    unfinished = rows["right"].null_count()
    late = rows.filter(pl.col("entry") > 0).height
    who = "" if label is None else f"{label}: "
    if unfinished:
        yield (
            f"{who}{unfinished} of {rows.height} treatments were going on without the outcome when their records "
            "ended; their days count as days without success"
        )
    if late:
        yield f"{who}{late} of {rows.height} treatments came under observation late; the days before are not counted"
