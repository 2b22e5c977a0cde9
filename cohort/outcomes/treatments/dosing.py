"""How much of each drug was taken when, and how much would have been enough."""

from __future__ import annotations

import warnings

import polars as pl

from cohort.criteria.adequacy import Adequacy
from cohort.drugs import canonical, drug_facts
from cohort.errors import CohortWarning, some
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.records.remembered import remembered
from cohort.records.study import Study

DRUG = [*UNIT, "drug"]

_NONE = pl.lit(None, pl.Float64)


@remembered
def drug_courses(study: Study) -> pl.DataFrame:
    """Return one row a treatment and drug, under its one name, in order; other kinds of treatment are left out.

    Columns: `subject_id, treatment_no, drug, start, stop, end, daily_dose, adherence`. `end` is the drug's stop, or the
    end of the course where it goes on. Two rows of one treatment that are one drug (two formulations) are added up.
    """
    ends = courses(study).select(*UNIT, last="end")
    going_on = pl.col("stop_day").is_null().any()
    return (
        study.treatments.filter(pl.col("kind").cast(pl.String) == "drug")
        .with_columns(canonical(pl.col("drug")))
        .group_by(DRUG)
        .agg(
            start=pl.col("start_day").min(),
            stop=pl.when(~going_on).then(pl.col("stop_day").max()),
            daily_dose=pl.when(pl.col("daily_dose").is_not_null().all()).then(pl.col("daily_dose").sum()),
            adherence=pl.col("adherence").min(),
        )
        .join(ends, on=UNIT)
        .with_columns(end=pl.coalesce("stop", pl.max_horizontal("start", "last")))
        .drop("last")
        .sort(DRUG)
    )


def warn_of_strays(study: Study) -> None:
    """Say how many records of doses name a drug that their treatment does not hold, and so count for nothing."""
    given, held = (table.select(*UNIT, canonical(pl.col("drug"))) for table in (study.doses, study.treatments))
    strays = given.join(held, on=DRUG, how="anti")
    if strays.height:
        warnings.warn(
            f"{strays.height} records of doses name a drug that their treatment does not hold "
            f"({some(strays['drug'].unique().sort())}); they count for nothing, the treatment's own dose does",
            CohortWarning,
            stacklevel=2,
        )


def dose_periods(study: Study, drugs: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of constant dose of each drug: DRUG, `from_day, to_day, dose, adherence`, in order.

    They cover the course from its start to its end without gaps. A null dose was not recorded.
    """
    recorded = (
        study.doses.with_columns(canonical(pl.col("drug")))
        .group_by(*DRUG, "from_day")
        .agg(
            dose=pl.when(pl.col("daily_dose").is_not_null().all()).then(pl.col("daily_dose").sum()),
            adherence=pl.col("adherence").min(),
        )
        .join(drugs.select(*DRUG, "start", "end"), on=DRUG)
    )
    constant = drugs.select(*DRUG, from_day="start", dose="daily_dose", adherence=_NONE, start="start", end="end")
    # The constant dose comes first on its day, so that a record of that day or an earlier one goes over it.
    both = pl.concat([constant.with_columns(own=0), recorded.select(*constant.columns, own=1)])
    spans = (
        both.filter(pl.col("from_day") <= pl.col("end"))
        .sort(*DRUG, pl.max_horizontal("from_day", "start"), "own", "from_day")
        .with_columns(from_day=pl.max_horizontal("from_day", "start"))
        .with_columns(to_day=pl.coalesce(pl.col("from_day").shift(-1).over(DRUG) - 1, "end"))
    )
    return spans.filter(pl.col("to_day") >= pl.col("from_day")).drop("own", "start", "end")


def with_minimum(study: Study, criterion: Adequacy, drugs: pl.DataFrame) -> pl.DataFrame:
    """Return the drugs' courses with what would have been enough.

    Adds `least` and `most` (the bounds between which the minimum dose lies: equal where everything is known, 0 and
    infinity where nothing is), `needed` days, `settle` days and `lacking` (why the minimum is not known; null where it
    is).
    """
    asked = _candidates(drugs.join(_people(study, criterion), on="subject_id"), criterion)
    found = asked.join(_rules(criterion), on=["drug", "group"], how="left").filter(_at_this_age())
    bounds = (
        found.with_columns(_bounds())
        .group_by(DRUG)
        .agg(
            pl.col("least").min(),
            pl.col("most").max(),
            pl.col("min_days").max(),
            pl.len().alias("rules"),
            unweighed=(pl.col("least") != pl.col("most")).any(),
        )
    )
    groups = asked.group_by(DRUG).agg(pl.len().alias("groups"), ageless=pl.col("years").is_null().any())
    half_lives = drug_facts().group_by("drug").agg(hours=pl.col("half_life_hours").max())
    joined = drugs.join(groups, on=DRUG).join(bounds, on=DRUG, how="left").join(half_lives, on="drug", how="left")
    complete = pl.col("rules").fill_null(0) == pl.col("groups")
    in_table = pl.col("drug").is_in(_rules(criterion)["drug"].unique().to_list())
    settle = (criterion.half_lives * pl.col("hours").fill_null(0) / 24).ceil().cast(pl.Int64)
    return joined.select(
        *drugs.columns,
        least=pl.when(complete).then("least").otherwise(0.0),
        most=pl.when(complete).then("most").otherwise(float("inf")),
        needed=pl.coalesce("min_days", pl.lit(criterion.min_days)).clip(lower_bound=1),
        settle=settle,
        lacking=pl.when(~in_table)
        .then(pl.lit("not in the dose table"))
        .when(pl.col("ageless") & (~complete | (pl.col("groups") > 1) & (pl.col("least") != pl.col("most"))))
        .then(pl.lit("age not recorded"))
        .when(~complete)
        .then(pl.lit("no dose rule at this age"))
        .when("unweighed")
        .then(pl.lit("weight not recorded")),
    ).sort(DRUG)


def covariate(study: Study, name: str, kind: type[pl.DataType]) -> pl.Expr:
    """Return a covariate; null for everyone where the study does not hold it or holds something else in it."""
    if name not in study.covariates:
        return pl.lit(None, kind).alias(name)
    value = pl.col(name) if study.subjects.schema[name].is_numeric() else pl.col(name).cast(pl.String)
    return value.cast(kind, strict=False)


def _people(study: Study, criterion: Adequacy) -> pl.DataFrame:
    """Return ages and weights; nobody weighs 0 or less, and such a weight would make every dose enough."""
    weight = covariate(study, criterion.weight, pl.Float64)
    return study.subjects.select(
        "subject_id",
        covariate(study, criterion.age, pl.Float64).alias("age"),
        pl.when(weight > 0).then(weight).alias("weight"),
    )


def _candidates(drugs: pl.DataFrame, criterion: Adequacy) -> pl.DataFrame:
    """Return each drug with the group of ages whose rules may hold: one, or both where no age is recorded."""
    years = pl.col("age") + pl.col("start") / 365.25
    years = pl.when(years >= 0).then(years)  # a treatment does not begin before birth: such an age was not recorded
    adult = years >= criterion.adult_from
    if criterion.missing_age == "adult":
        adult = adult.fill_null(True)
    groups = pl.DataFrame({"group": ["adult", "child"]})
    fits = pl.when(pl.col("group") == "adult").then(adult).otherwise(~adult).fill_null(True)
    return drugs.with_columns(years=years).join(groups, how="cross").filter(fits)


def _rules(criterion: Adequacy) -> pl.DataFrame:
    adults = criterion.doses.frame.with_columns(group=pl.lit("adult"))
    children = (criterion.children or criterion.doses).frame.with_columns(group=pl.lit("child"))
    both = pl.concat([adults, children if criterion.children else children.clear()])
    return both.drop("source").with_columns(ruled=pl.lit(True))


def _at_this_age() -> pl.Expr:
    """Return whether a rule was found and holds at the subject's age; without an age, one without age limits."""
    old = pl.col("from_age").is_null() | (pl.col("years") >= pl.col("from_age")).fill_null(False)
    young = pl.col("to_age").is_null() | (pl.col("years") < pl.col("to_age")).fill_null(False)
    return pl.col("ruled").fill_null(False) & old & young


def _bounds() -> list[pl.Expr]:
    """Return the bounds of the minimum dose: by weight up to the flat one, or one of the two; 0 for any dose."""
    by_weight = pl.col("minimum_per_kg") * pl.col("weight")
    unweighed = pl.col("minimum_per_kg").is_not_null() & pl.col("weight").is_null()
    minimum = pl.min_horizontal(by_weight, "minimum").fill_null(0.0)
    return [
        pl.when(unweighed).then(0.0).otherwise(minimum).alias("least"),
        pl.when(unweighed).then(pl.col("minimum").fill_null(float("inf"))).otherwise(minimum).alias("most"),
    ]
