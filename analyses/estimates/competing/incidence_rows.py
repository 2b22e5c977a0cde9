"""Curves of cumulative incidence as rows of ESTIMATES, built as columns: a curve may have many steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from analyses.estimates.competing.incidence_curve import IncidenceCurve, days_at_risk
from analyses.estimates.groups import Label
from analyses.estimates.tally import Amounts, Floats

_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high")


def curve_rows(curve: IncidenceCurve) -> pl.DataFrame:
    """Return the rows "cumulative incidence curve": day 0 and each day with an event of the cause."""
    steps = np.flatnonzero((curve.events > 0) | (curve.time == 0))
    return _points("cumulative incidence curve", curve, curve.time[steps])


def time_rows(curve: IncidenceCurve, times: Sequence[float]) -> pl.DataFrame:
    """Return the rows "cumulative incidence" at the times, null after the last observed day."""
    return _points("cumulative incidence", curve, np.asarray(times, dtype=float))


def counted_rows(curve: IncidenceCurve, asked: Floats) -> pl.DataFrame:
    """Return the rows "cumulative events" at the asked days, and "events"."""
    total = int(np.sum(curve.events))
    events = np.append(_until(curve, curve.events, asked), total)
    rows = pl.DataFrame({"at": pl.Series([*asked.tolist(), None], dtype=pl.Float64), "estimate": events.astype(float)})
    named = pl.Series(["cumulative events"] * len(asked) + ["events"])
    return _labelled(rows.with_columns(statistic=named, n=pl.lit(curve.size), events=events), curve)


def shared_rows(curve: IncidenceCurve, asked: Floats) -> pl.DataFrame:
    """Return the rows "at risk" and "cumulative censored" at the asked days, which all causes of a group share."""
    at_risk, censored = days_at_risk(curve, asked), _until(curve, curve.censored, asked)
    return pl.concat(
        _labelled(pl.DataFrame({"at": asked, "estimate": counts.astype(float), "n": at_risk}), curve).with_columns(
            statistic=pl.lit(name), term=pl.lit(None, dtype=pl.String)
        )
        for name, counts in (("at risk", at_risk), ("cumulative censored", censored))
    )


def empty_rows(label: Label, causes: Sequence[str], times: Sequence[float], until: float | None) -> pl.DataFrame:
    """Return the rows of a group without rows: nobody is at risk, and nothing can be estimated."""
    asked = sorted({0.0, *map(float, times)})
    rows: list[tuple[str | None, str, float | None, float | None]] = []
    for cause in causes:
        rows += [(cause, "cumulative incidence", float(t), None) for t in times]
        rows += [(cause, "cumulative events", t, 0.0) for t in asked]
        rows += [(cause, "restricted mean time lost", until, None)] if until is not None else []
        rows.append((cause, "events", None, 0.0))
    rows += [(None, name, t, 0.0) for name in ("at risk", "cumulative censored") for t in asked]
    schema = {"term": pl.String, "statistic": pl.String, "at": pl.Float64, "estimate": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        group=pl.lit(label, dtype=pl.String), n=pl.lit(0), events=pl.lit(0)
    )


def area_row(curve: IncidenceCurve, until: float, numbers: Sequence[float]) -> pl.DataFrame:
    """Return the row "restricted mean time lost": estimate, error and limits, NaN where there is none."""
    values = {name: [value] for name, value in zip(_NUMBERS, numbers, strict=True)}
    events = _until(curve, curve.events, np.asarray([until]))
    rows = pl.DataFrame({"at": [float(until)], **values, "n": [curve.size], "events": events})
    return _labelled(rows.with_columns(statistic=pl.lit("restricted mean time lost")), curve)


def _points(statistic: str, curve: IncidenceCurve, times: Floats) -> pl.DataFrame:
    place = np.searchsorted(curve.time, times, side="right") - 1
    seen = times <= curve.time[-1]
    arrays = (curve.incidence, curve.std_error, curve.conf_low, curve.conf_high)
    values = {name: np.where(seen, array[place], np.nan) for name, array in zip(_NUMBERS, arrays, strict=True)}
    counts = {"n": days_at_risk(curve, times), "events": _until(curve, curve.events, times)}
    return _labelled(pl.DataFrame({"at": times} | values | counts).with_columns(statistic=pl.lit(statistic)), curve)


def _labelled(rows: pl.DataFrame, curve: IncidenceCurve) -> pl.DataFrame:
    numbers = pl.col(name for name in _NUMBERS if name in rows.columns)
    return rows.with_columns(numbers.fill_nan(None), term=pl.lit(curve.cause), group=pl.lit(curve.group, pl.String))


def _until(curve: IncidenceCurve, counts: Amounts, times: Floats) -> Amounts:
    total = np.concatenate([[0], np.cumsum(counts)])
    return np.asarray(total[np.searchsorted(curve.time, times, side="right")])
