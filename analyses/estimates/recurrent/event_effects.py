"""Effects of covariates on each of the events that repeat, and what they are together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.recurrent.event_layouts import Layout
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.design import Design, design, factor_levels
from analyses.estimates.regression.parametric_rows import exponentiated, wald
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Row = dict[str, object]


@dataclass(frozen=True, eq=False)
class EventColumns:
    """The columns of a formula, each of them once for every event number and 0 in the rows of the others.

    Attributes:
        rows: EVENTS with the columns.
        names: Their names: first all event numbers of the first column.
        meanings: What each of the formula's columns stands for.
        events: The event numbers as they are reported.
        notes: What was left out.
    """

    rows: pl.DataFrame
    names: tuple[str, ...]
    meanings: tuple[Coefficient, ...]
    events: tuple[str, ...]
    notes: tuple[str, ...]


def spread(laid: Layout, formula: str, used: list[str], cluster: str) -> EventColumns:
    """Return the columns of a formula by event number, of the rows that lack no covariate.

    Raises:
        EstimationError: No complete row has an event; an event number has fewer events than there are columns, or a
            column is constant among those at risk of it.
    """
    needed = list(dict.fromkeys([*used, cluster]))
    empty = [pl.col(n).is_null() | (pl.col(n).is_nan() if laid.rows.schema[n].is_float() else False) for n in needed]
    whole = laid.rows.filter(~pl.any_horizontal(empty))
    left_out = laid.rows.height - whole.height
    if not whole["_event"].any():
        raise EstimationError(f"0 events among {whole.height} rows without missing values; there is nothing to fit")
    notes = [f"{left_out} of {laid.rows.height} rows were left out for missing values"] if left_out else []
    numbers = [n for n in laid.numbers if whole.filter(pl.col("_event"), event_no=n).height]
    if silent := [laid.name(n) for n in laid.numbers if n not in numbers]:
        notes.append(f"nobody has {some(silent, 9)}; who is at risk of it tells nothing and is left out")
        whole = whole.filter(pl.col("event_no").is_in(numbers))
    designed = design(whole.select(used), formula, factor_levels(whole, used))
    _refuse_few(whole, laid, designed)
    names, columns = [], []
    for number, column in enumerate(designed.matrix.T, 1):
        for event in numbers:
            names.append(f"column{number}event{event}")
            columns.append(pl.Series(names[-1], column * (whole["event_no"] == event).to_numpy()))
    events = tuple(laid.name(number) for number in numbers)
    return EventColumns(whole.with_columns(columns), tuple(names), designed.coefficients, events, tuple(notes))


def _refuse_few(rows: pl.DataFrame, laid: Layout, designed: Design) -> None:
    number = rows["event_no"].to_numpy()
    ended = rows["_event"].to_numpy()
    size = len(designed.coefficients)
    for event in np.unique(number):
        count, own = int(ended[number == event].sum()), designed.matrix[number == event]
        constant = [c.name for c, column in zip(designed.coefficients, own.T, strict=True) if np.ptp(column) == 0]
        if count < size or constant:
            fact = f"{count} events for {size} effects" if count < size else f"one value of {some(constant)}"
            raise EstimationError(
                f"{laid.name(event)} has {fact} of its own; pass last={max(event - 1, 1)} or max_events, or "
                "effects='common'"
            )


def naive_rows(fitted: Estimates) -> list[Row]:
    """Return the errors that take all rows as independent, one row a coefficient."""
    logs = fitted.frame.filter(statistic="log hazard ratio")
    errors = np.sqrt(np.diag(fitted.model.inverse_information))
    kept = ("criterion", "term", "group", "reference", "n", "events")
    return [
        {name: row[name] for name in kept} | {"statistic": "naive standard error", "estimate": float(error)}
        for row, error in zip(logs.iter_rows(named=True), errors, strict=True)
    ]


def by_event(fitted: Estimates, columns: EventColumns, confidence: float) -> pl.DataFrame:
    """Return the rows of a regression on columns by event, the tests and averages, and the naive errors."""
    rows = estimates_frame(_combined_rows(fitted, columns, confidence))
    return pl.concat([_told(fitted.frame, columns), rows, _told(estimates_frame(naive_rows(fitted)), columns)])


def _told(frame: pl.DataFrame, columns: EventColumns) -> pl.DataFrame:
    meaning = {
        name: (f"{coefficient.term}, {event}", coefficient.group, coefficient.reference)
        for name, (coefficient, event) in zip(
            columns.names, ((c, e) for c in columns.meanings for e in columns.events), strict=True
        )
    }
    known = pl.DataFrame(
        [(name, *parts) for name, parts in meaning.items()],
        schema={"term": pl.String, "_term": pl.String, "_group": pl.String, "_reference": pl.String},
        orient="row",
    )
    joined = frame.join(known, on="term", how="left", maintain_order="left")
    return joined.with_columns(
        term=pl.coalesce("_term", "term"),
        group=pl.coalesce("_group", "group"),
        reference=pl.coalesce("_reference", "reference"),
    ).select(frame.columns)


def _combined_rows(fitted: Estimates, columns: EventColumns, confidence: float) -> list[Row]:
    """Return, for each covariate, the tests of its effects on all events and their best average."""
    z, size = normal_quantile(confidence), len(columns.events)
    counts = fitted.frame.filter(statistic="log hazard ratio").select("n", "events").row(0, named=True)
    rows: list[Row] = []
    for place, meaning in enumerate(columns.meanings):
        own = slice(place * size, (place + 1) * size)
        values, covariance = fitted.model.coefficients[own], fitted.model.covariance[own, own]
        named: Row = {"term": meaning.term, "group": meaning.group, "reference": meaning.reference} | counts
        if np.linalg.matrix_rank(covariance) < size:
            raise EstimationError(
                f"the robust covariance of the {size} effects of {meaning.name!r} is singular; fewer event numbers "
                "(last=, max_events=) or effects='common'"
            )
        precision = np.linalg.inv(covariance)
        total = float(precision.sum())
        average = float(precision.sum(axis=0) @ values) / total
        tests = {"global": (values, size), "homogeneity": (values - average, size - 1)}
        for name, (off, df) in tests.items():
            chi_square = float(off @ precision @ off)
            if df:
                test = {"estimate": chi_square, "df": df, "p_value": chi_square_p(chi_square, df)}
                rows.append(named | test | {"statistic": f"{name} chi-square"})
        log = named | wald(average, 1 / np.sqrt(total), z) | {"statistic": "average log hazard ratio"}
        rows += [log, exponentiated(log, "average hazard ratio")]
    return rows
