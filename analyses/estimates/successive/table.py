"""The table of successive treatments: who tried each, what became of them, and both shares with their denominators."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.proportions import Undetermined, wilson
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.counts import StepCounts, cohort_patterns, counting_notes
from cohort.errors import EstimationError

Row = dict[str, object]

OF_TRIED, OF_COHORT = "of those who tried", "of the whole cohort"
WENT_ON = "went on of those without remission"


def successive(
    data: pl.DataFrame, *, undetermined: Undetermined, by: str | None = None, level: float = 0.95
) -> Estimates:
    """Return what became of a cohort at each of its successive treatments.

    One more treatment has two shares, which answer two questions and are often mixed up: what it is worth to somebody
    who tries it, and what it adds for the cohort. Both always stand here, each with its denominator.

    Statistics, with the treatment number in `group` ("1", "2" ..) and the level of `by` in `population`:

    - Counts (`estimate`; `n` those they are counted among): "tried" (n: the cohort), "met", "not met",
      "undetermined", "stopped for intolerance" (n: who tried), "never went on" (n: who did not meet the criterion;
      null at the last treatment, after which nothing is known).
    - "share", with Wilson's limits, `events` over `n`, by `term`: "of those who tried"; "of the whole cohort" (all
      who started treatment 1, whatever their verdicts); "after inefficacy", "after intolerance", "after
      undetermined" (of those who tried it, by how the treatment before ended; where that is known); "went on of those
      without remission" (who tried the next one, of those who did not meet the criterion on this one).

    A share is null where its denominator is 0. The limits are each for itself; those of the cohort's shares are
    correlated from treatment to treatment.

    Args:
        data: Outcomes of one criterion (one row a subject and treatment) or counts by treatment number; see
            `counts.patterns`.
        undetermined: "excluded" leaves treatments that could not be decided out of the denominator of those who
            tried; "not met" counts them in it. The whole cohort is always whole.
        by: The column that names the cohort; None for one.
        level: Coverage of the limits.

    Raises:
        EstimationError: The data cannot be counted (see `counts.patterns`), or an argument is unknown.

    Sources: Wilson EB. J Am Stat Assoc 1927;22:209-12. Of the two denominators: Chen Z et al. JAMA Neurol
    2018;75:279-86, whose third regimen brought freedom to 4.4 percent of the cohort.

    >>> steps = pl.DataFrame({"treatment_no": [1, 2], "tried": [100, 40], "met": [50, 10]})
    >>> table = successive(steps, undetermined="excluded")
    >>> table.value("share", term="of those who tried", group="2"), table.value("share", term="of the whole cohort",
    ...                                                                         group="2")
    (0.25, 0.1)
    """
    check_undetermined(undetermined)
    z = normal_quantile(level)
    rows: list[Row] = []
    found = cohort_patterns(data, by=by)
    for counts, counted in found:
        own = [*_counted(counts), *_shares(counts, undetermined, z), *_after(counted, undetermined, z)]
        rows += [naming(data, by, counts) | row for row in own]
    method = f"Share that met the criterion by treatment number, with Wilson {100 * level:g}% limits"
    return Estimates(estimates_frame(rows), method, (*counted_notes(data, by), *_notes(found, undetermined)), level)


def naming(data: pl.DataFrame, by: str | None, counts: StepCounts) -> Row:
    """Return the columns that name a cohort in a result: its level as the population, and the criterion if known."""
    named: Row = {} if counts.label is None else {"population": counts.label}
    if by == "criterion":
        return named | {"criterion": counts.label}
    told = data["criterion"].drop_nulls().unique() if "criterion" in data.columns else pl.Series([], dtype=pl.String)
    return named | {"criterion": str(told[0])} if len(told) == 1 else named


def check_undetermined(undetermined: str) -> None:
    """Refuse a word that does not say what becomes of the undetermined.

    Raises:
        EstimationError: It is neither "excluded" nor "not met".
    """
    if undetermined not in ("excluded", "not met"):
        raise EstimationError(f"undetermined={undetermined!r} was given; it is 'excluded' or 'not met'")


def counted_notes(data: pl.DataFrame, by: str | None) -> tuple[str, ...]:
    """Return the notes on rows without a cohort and on how outcomes were counted."""
    nameless = 0 if by is None else data[by].null_count()
    left_out = f"{nameless} of {data.height} rows have no value in {by} and belong to no cohort"
    return (*((left_out,) if nameless else ()), *counting_notes(data, by=by))


def _counted(counts: StepCounts) -> Iterator[Row]:
    on = [*counts.tried[1:].tolist(), None]
    for k, number in enumerate(counts.treatment_no.tolist()):
        tried, met = int(counts.tried[k]), int(counts.met[k])
        named: Row = {"group": str(number)}
        yield named | {"statistic": "tried", "estimate": tried, "n": counts.cohort}
        for statistic, values in (
            ("met", counts.met),
            ("not met", counts.not_met),
            ("undetermined", counts.undetermined),
            ("stopped for intolerance", counts.intolerance),
        ):
            yield named | {"statistic": statistic, "estimate": int(values[k]), "n": tried}
        left = None if on[k] is None else tried - met - on[k]
        yield named | {"statistic": "never went on", "estimate": left, "n": tried - met}


def _shares(counts: StepCounts, undetermined: str, z: float) -> Iterator[Row]:
    for k, number in enumerate(counts.treatment_no.tolist()):
        tried, met = int(counts.tried[k]), int(counts.met[k])
        decided = tried - (int(counts.undetermined[k]) if undetermined == "excluded" else 0)
        yield _share(number, OF_TRIED, met, decided, z)
        yield _share(number, OF_COHORT, met, counts.cohort, z)
        if k + 1 < len(counts.tried):
            yield _share(number, WENT_ON, int(counts.tried[k + 1]), tried - met, z)


def _after(counted: pl.DataFrame, undetermined: str, z: float) -> Iterator[Row]:
    """Return the shares of those who tried, by how the treatment before ended; none where that is not known."""
    later = counted.filter(pl.col("treatment_no") > 1, pl.col("previous").is_not_null())
    decided = pl.col("tried") - (pl.col("undetermined") if undetermined == "excluded" else 0)
    whole = later.group_by("treatment_no", "previous").agg(pl.col("met").sum(), decided.sum().alias("decided"))
    for number, previous, met, n in whole.sort("treatment_no", "previous").iter_rows():
        yield _share(number, f"after {previous}", met, n, z)


def _share(number: int, term: str, met: int, n: int, z: float) -> Row:
    low, high = wilson(met, n, z)
    share = met / n if n else None
    error = None if share is None else math.sqrt(share * (1 - share) / n)
    row: Row = {"group": str(number), "statistic": "share", "term": term, "estimate": share, "std_error": error}
    return row | {"conf_low": low, "conf_high": high, "n": n, "events": met}


def _notes(found: Sequence[tuple[StepCounts, pl.DataFrame]], undetermined: str) -> Iterator[str]:
    unknown = sum(int(counts.undetermined.sum()) for counts, _ in found)
    units = sum(int(counts.tried.sum()) for counts, _ in found)
    place = "left out of those who tried" if undetermined == "excluded" else "counted as not met"
    yield f"{unknown} of {units} treatments undetermined" + (f", {place}" if unknown else "")
    yield "the share of those who tried is that of those who went on to the treatment, who are not the whole cohort"
    if any(counted["previous"].null_count() for _, counted in found):
        yield "how the treatment before ended is not known for all counts; shares by it are of the others"
