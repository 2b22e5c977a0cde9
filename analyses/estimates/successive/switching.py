"""Switching to another treatment or staying on the one at hand: shares, and how they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import Label, grouped, levels, reference_level, require, text
from analyses.estimates.proportions import Undetermined, newcombe, wilson
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.pattern_rows import is_outcomes
from analyses.estimates.successive.table import check_undetermined
from analyses.estimates.successive.trend_rows import fisher_p
from cohort.closed_lists import VERDICTS
from cohort.errors import EstimationError, some

Row = dict[str, object]
_COUNTS = ("tried", "met", "undetermined")
_CRUDE = (
    "crude: those who switched are compared with those who stayed as if chance had parted them, and matched sets are "
    "taken as independent; who is switched is seldom like who is not"
)


@dataclass(frozen=True)
class _Arm:
    """How many did one thing, and how many of them met the criterion."""

    label: str
    met: int
    counted: int

    @property
    def share(self) -> float | None:
        return self.met / self.counted if self.counted else None


def switch_or_stay(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    done: str = "done",
    stayed: str = "stayed",
    by: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Return how many met a criterion of those who switched and of those who stayed, and how the two differ.

    Statistics, with what was done in `group`, the level of `by` in `population` and the criterion where there is one:

    - "share", of everything that was done: met of those counted, Wilson's limits, `n` and `events`.
    - Against those who stayed (`reference`): "risk ratio" with limits by its logarithm; "log risk ratio", with standard
      error sqrt(1/met - 1/n + the same of the reference); "risk difference" with Newcombe's hybrid score limits (method
      10); "odds ratio" with Fisher's exact two-sided p value (all tables with these margins that are no likelier).

    Where nobody of the reference met the criterion there is no risk ratio, and where nobody of the others did it is 0
    without limits. Nothing is adjusted for.

    Args:
        data: Outcomes (`subject_id`, `verdict`) or counts (`tried`, `met`, and where known `undetermined`), with the
            column `done`. A subject who chose several times counts each time.
        undetermined: "excluded" leaves what could not be decided out of the denominator; "not met" counts it.
        done: The column that says what was done; other treatments than switching may stand in it.
        stayed: The level that the others are compared with.
        by: The column that names the cohort, as those with and without seizures; None for one.
        level: Coverage of the limits.

    Raises:
        EstimationError: A column is missing, an argument or a verdict is unknown, nobody stayed or did anything else,
            a cohort has several criteria, or counts contradict each other.

    Sources: Katz D et al. Biometrics 1978;34:469-74 (limits of the ratio); Newcombe RG. Stat Med 1998;17:873-90; Fisher
    RA. J R Stat Soc 1935;98:39-54. The question: Wang SP et al. Epilepsia 2013;54:187-93.

    >>> wang = pl.DataFrame({"done": ["switched", "stayed"], "tried": [23, 46], "met": [5, 2]})
    >>> found = switch_or_stay(wang, undetermined="excluded")
    >>> found.value("risk ratio"), found.frame.filter(statistic="odds ratio")["p_value"].round(3).item()
    (5.0, 0.037)
    """
    check_undetermined(undetermined)
    z = normal_quantile(level)
    counts = _counted(data, done, by)
    if counts.is_empty():
        raise EstimationError(f"0 of {data.height} rows say what was done; expected some who {stayed} and some others")
    groups = grouped(counts, by)
    rows: list[Row] = []
    notes = [*_left_out(data, done, by), *_unclear(counts, undetermined), *_repeats(data)]
    for number, label in enumerate(groups.labels):
        part = groups.frame.filter(_group=number)
        if part.is_empty():
            continue
        arms = _arms(part, done, undetermined)
        base = arms[reference_level(tuple(arms), done, stayed)]
        named = _naming(part, label)
        rows += [named | _share(arm, z) for arm in arms.values()]
        rows += [named | row for arm in arms.values() if arm is not base for row in _against(arm, base, z)]
        notes += _ratio_notes(arms, base, label)
    method = (
        f"Share that met the criterion by what was done, against those who {stayed}: risk ratio (log method), risk "
        f"difference (Newcombe, method 10), {100 * level:g}% limits, and Fisher's exact test"
    )
    return Estimates(estimates_frame(rows), method, (*notes, _CRUDE), level)


def _counted(data: pl.DataFrame, done: str, by: str | None) -> pl.DataFrame:
    """Return counts by cohort, criterion and what was done; rows without either belong nowhere."""
    keys = list(dict.fromkeys([*([by] if by else []), *(["criterion"] if "criterion" in data.columns else []), done]))
    require(data, keys, "what was done and in which cohort")
    if is_outcomes(data):
        rows = _of_outcomes(data, keys)
    else:
        require(data, ["tried", "met"], "neither outcomes nor counts")
        rows = data.select(*keys, *(_whole(data, name) for name in _COUNTS))
        over = pl.col("met") + pl.col("undetermined") > pl.col("tried")
        wrong = rows.filter(over | (pl.min_horizontal(_COUNTS) < 0))
        if wrong.height:
            raise EstimationError(f"{wrong.height} rows count more met and undetermined than tried, or fewer than 0")
    known = [name for name in keys if name != "criterion"]
    return rows.drop_nulls(known).group_by(keys).agg(pl.col(_COUNTS).sum()).sort(keys)


def _of_outcomes(data: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    verdict = text(data["verdict"])
    unknown = [word for word in verdict.unique().sort() if word not in VERDICTS]
    if unknown:
        raise EstimationError(f"{len(unknown)} verdicts are unknown: {some(unknown)}; they are {some(VERDICTS)}")
    met, unclear = ((verdict == word).cast(pl.Int64) for word in ("met", "undetermined"))
    return data.select(*keys, tried=pl.lit(1, pl.Int64), met=met, undetermined=unclear)


def _whole(data: pl.DataFrame, name: str) -> pl.Series | pl.Expr:
    if name not in data.columns:
        return pl.lit(0, pl.Int64).alias(name)
    column = data[name]
    broken = column.null_count() if column.dtype.is_integer() else -1
    if broken and not (name == "undetermined" and column.dtype.is_integer()):
        found = f"is {column.dtype}" if broken < 0 else f"lacks in {broken} of {data.height} rows"
        raise EstimationError(f"{name} {found}; expected a whole number in each row")
    return column.cast(pl.Int64).fill_null(0)


def _arms(part: pl.DataFrame, done: str, undetermined: str) -> dict[Label, _Arm]:
    counted = pl.col("tried") - (pl.col("undetermined") if undetermined == "excluded" else 0)
    whole = part.group_by(text(part[done]).alias("_done")).agg(pl.col("met").sum(), counted.sum().alias("counted"))
    sums = {label: _Arm(label, met, n) for label, met, n in whole.iter_rows()}
    return {label: sums[label] for label in levels(part[done]) if label in sums}


def _naming(part: pl.DataFrame, label: Label) -> Row:
    named: Row = {} if label is None else {"population": label}
    if "criterion" not in part.columns:
        return named
    told = text(part["criterion"]).unique().sort().to_list()
    if len(told) > 1:
        raise EstimationError(
            f"{'' if label is None else f'{label}: '}rows of {len(told)} criteria were given ({some(told)}); expected "
            "one a cohort: keep the rows of one"
        )
    return named | {"criterion": told[0]}


def _share(arm: _Arm, z: float) -> Row:
    low, high = wilson(arm.met, arm.counted, z)
    error = None if arm.share is None else math.sqrt(arm.share * (1 - arm.share) / arm.counted)
    row: Row = {"statistic": "share", "group": arm.label, "estimate": arm.share, "std_error": error}
    return row | {"conf_low": low, "conf_high": high, "n": arm.counted, "events": arm.met}


def _against(arm: _Arm, base: _Arm, z: float) -> Iterator[Row]:
    about: Row = {"group": arm.label, "reference": base.label}
    about |= {"n": arm.counted + base.counted, "events": arm.met + base.met}
    ratio, log_ratio, error = _ratio(arm, base)
    reach = None if error is None else z * error
    inside = (None, None) if log_ratio is None or reach is None else (log_ratio - reach, log_ratio + reach)
    low, high = (None if end is None else math.exp(end) for end in inside)
    yield about | {"statistic": "risk ratio", "estimate": ratio, "conf_low": low, "conf_high": high}
    logs: Row = {"statistic": "log risk ratio", "estimate": log_ratio, "std_error": error}
    yield about | logs | {"conf_low": inside[0], "conf_high": inside[1]}
    low, high = newcombe(arm.met, arm.counted, base.met, base.counted, z)
    difference: Row = {"statistic": "risk difference", "conf_low": low, "conf_high": high}
    if arm.share is not None and base.share is not None:
        spread = [one * (1 - one) / n for one, n in ((arm.share, arm.counted), (base.share, base.counted))]
        difference |= {"estimate": arm.share - base.share, "std_error": math.sqrt(sum(spread))}
    yield about | difference
    below = base.met * (arm.counted - arm.met)
    odds = arm.met * (base.counted - base.met) / below if below else None
    p = fisher_p(arm.met, arm.counted, base.met, base.counted) if arm.counted and base.counted else None
    yield about | {"statistic": "odds ratio", "estimate": odds, "p_value": p}


def _ratio(arm: _Arm, base: _Arm) -> tuple[float | None, float | None, float | None]:
    """Return the risk ratio, its logarithm and the standard error of that; nulls where they do not exist."""
    if not (arm.share is not None and base.share):
        return None, None, None
    ratio = arm.share / base.share
    if not ratio:
        return ratio, None, None
    error = math.sqrt(1 / arm.met - 1 / arm.counted + 1 / base.met - 1 / base.counted)
    return ratio, math.log(ratio), error if error > 0 else None


def _ratio_notes(arms: dict[Label, _Arm], base: _Arm, label: Label) -> Iterator[str]:
    named = "" if label is None else f"{label}: "
    if base.met == 0:
        yield f"{named}nobody of {base.counted} who {base.label} met the criterion; there is no risk ratio"
    nobody = [arm.label for arm in arms.values() if arm.met == 0 and arm is not base]
    if nobody:
        yield f"{named}nobody who {some(nobody)} met the criterion; a risk ratio of 0 has no limits"


def _left_out(data: pl.DataFrame, done: str, by: str | None) -> Iterator[str]:
    for name in (done, by):
        lacking = 0 if name is None else data[name].null_count()
        if lacking:
            yield f"{lacking} of {data.height} rows have no value in {name} and are left out"


def _unclear(counts: pl.DataFrame, undetermined: str) -> Iterator[str]:
    open_ = int(counts["undetermined"].sum())
    if open_:
        how = "left out of the denominator" if undetermined == "excluded" else "counted as not met"
        yield f"{open_} of {counts['tried'].sum()} undetermined, {how}"


def _repeats(data: pl.DataFrame) -> Iterator[str]:
    several = data.height - data["subject_id"].n_unique() if is_outcomes(data) else 0
    if several:
        yield f"{several} outcomes are of subjects who chose before; the limits take all choices as independent"
