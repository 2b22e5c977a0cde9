"""Which drugs of a treatment are judged, and when they were at or above their minimum dose."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohort.criteria.adequacy import Adequacy
from cohort.outcomes.treatments.courses import UNIT
from cohort.outcomes.treatments.dosing import DRUG, dose_periods, drug_courses, warn_of_strays, with_minimum
from cohort.outcomes.treatments.spans import joined_spans, shared_spans
from cohort.outcomes.treatments.suiting import with_suited
from cohort.records.remembered import remembered
from cohort.records.study import Study


@dataclass(frozen=True, eq=False)
class Intake:
    """The drugs that are judged, and how they were dosed.

    Attributes:
        drugs: One row a treatment and drug: its course, minimum dose, needed days, suitability.
        periods: Its spans of constant dose, each with `surely` and `maybe`: whether the dose was enough, and whether it
            may have been.
    """

    drugs: pl.DataFrame
    periods: pl.DataFrame


@remembered
def intake(study: Study, criterion: Adequacy) -> Intake:
    """Return the drugs that the criterion judges, and how they were dosed."""
    warn_of_strays(study)
    every = with_minimum(study, criterion, drug_courses(study))
    drugs = with_suited(study, criterion, _new(every) if criterion.combination == "new drugs" else every)
    periods = dose_periods(study, drugs).join(drugs.select(*DRUG, "least", "most"), on=DRUG)
    taken = Intake(drugs, periods.with_columns(_enough(criterion)).drop("least", "most"))
    return _nearest(taken, criterion) if criterion.combination == "any drug" else taken


def _new(drugs: pl.DataFrame) -> pl.DataFrame:
    """Return the drugs that the subject's previous treatment did not hold; all where none is new."""
    numbers = drugs.select(UNIT).unique().sort(UNIT)
    before = numbers.with_columns(previous=pl.col("treatment_no").shift(1).over("subject_id"))
    held = drugs.select("subject_id", "drug", previous="treatment_no", held=pl.lit(True))
    marked = drugs.join(before, on=UNIT).join(held, on=["subject_id", "previous", "drug"], how="left")
    new = pl.col("held").is_null()
    return marked.filter(new | ~new.any().over(UNIT)).drop("previous", "held").sort(DRUG)


def _enough(criterion: Adequacy) -> list[pl.Expr]:
    """Return whether the dose is `surely` and `maybe` enough; where any dose counts, only 0 is too little."""
    least, most, dose = pl.col("least"), pl.col("most"), pl.col("dose")
    lowest, highest = dose.fill_null(0.0), dose.fill_null(float("inf"))
    inclusive = criterion.bound == ">="
    surely = lowest >= most if inclusive else lowest > most
    maybe = highest >= least if inclusive else highest > least
    any_dose = dose.is_null() | (dose > 0)
    return [
        pl.when(most == 0).then(any_dose).otherwise(surely).alias("surely"),
        pl.when(least == 0).then(any_dose).otherwise(maybe).alias("maybe"),
    ]


def _nearest(taken: Intake, criterion: Adequacy) -> Intake:
    """Return of each treatment the one drug that comes nearest to being adequate."""
    ranked = taken.drugs
    for answer in ("surely", "maybe"):
        lasting = counted(settled(taken, answer), ranked.select(*DRUG, "needed", "start"), criterion, DRUG)
        days = lasting.select(
            *DRUG, pl.col("adequate_day").is_not_null().alias(answer), pl.col("adequate_days").alias(f"{answer}_days")
        )
        ranked = ranked.join(days, on=DRUG, how="left")
    surely, maybe = (pl.col(answer).fill_null(False) for answer in ("surely", "maybe"))
    suits, may_suit = pl.col("suited").fill_null(False), pl.col("suited").fill_null(True)
    merits = [suits & surely, may_suit & maybe, may_suit, pl.col("maybe_days").fill_null(0)]
    ranked = ranked.sort(*UNIT, *(merit.cast(pl.Int64).neg() for merit in merits), "drug")
    chosen = ranked.group_by(UNIT, maintain_order=True).first().select(DRUG)
    return Intake(taken.drugs.join(chosen, on=DRUG, how="semi"), taken.periods.join(chosen, on=DRUG, how="semi"))


def settled(taken: Intake, answer: str) -> pl.DataFrame:
    """Return the spans of each drug at enough of it ("surely" or "maybe") and settled: DRUG, `from_day, to_day`."""
    spans = joined_spans(taken.periods.filter(answer), DRUG).join(taken.drugs.select(*DRUG, "settle"), on=DRUG)
    later = spans.with_columns(from_day=pl.col("from_day") + pl.col("settle")).drop("settle")
    return later.filter(pl.col("from_day") <= pl.col("to_day"))


def together(taken: Intake, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of each treatment in which each of its judged drugs has one: UNIT, `from_day, to_day`."""
    return shared_spans(spans, UNIT, taken.drugs.group_by(UNIT).agg(n=pl.len()))


def counted(spans: pl.DataFrame, units: pl.DataFrame, criterion: Adequacy, keys: list[str]) -> pl.DataFrame:
    """Return the span that counts of each unit: `adequate_from, adequate_to, adequate_days, adequate_day`.

    `units` says how many days are `needed`, and the `start` of the first dose; `adequate_day` is the day on which there
    were so many, null if never.
    """
    lasting = spans.join(units, on=keys).sort(*keys, "from_day")
    lasting = lasting.with_columns(days=pl.col("to_day") - pl.col("from_day") + 1)
    pauses = criterion.reduction == "pauses"
    earlier = pl.col("days").cum_sum().over(keys) - pl.col("days") if pauses else pl.lit(0, pl.Int64)
    before = pl.col("from_day") - pl.col("start") if criterion.clock == "first dose" else earlier
    reached = pl.max_horizontal("from_day", pl.col("from_day") + pl.col("needed") - before - 1)
    lasting = lasting.with_columns(days=before + pl.col("days"), day=pl.when(reached <= pl.col("to_day")).then(reached))
    ordered = lasting if pauses else lasting.sort(*keys, "day", pl.col("days").neg(), "from_day", nulls_last=True)
    return ordered.group_by(keys, maintain_order=True).agg(
        adequate_from=pl.col("from_day").first(),
        adequate_to=pl.col("to_day").last() if pauses else pl.col("to_day").first(),
        adequate_days=pl.col("days").last() if pauses else pl.col("days").first(),
        adequate_day=pl.col("day").min(),
    )
