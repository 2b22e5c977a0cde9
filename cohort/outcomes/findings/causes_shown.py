"""Which causes findings show."""

from __future__ import annotations

import polars as pl

from cohort.criteria.pseudo_resistance import FindingCause
from cohort.drugs import canonical
from cohort.outcomes.findings.findings import named
from cohort.records.study import Study

_DENIED = r"\b(?:no|not|non|never|without|excluded|unlikely|negative|absent)\b"


def shown(study: Study, cause: FindingCause) -> pl.DataFrame:
    """Return one row a subject: `subject_id, day, value, present`; `present` is null where nothing tells.

    The last finding decides, where there is none that tells a covariate of the same name, in words.
    """
    found = _last_finding(study, cause)
    told = found.join(_covariate(study, cause), on="subject_id").join(
        _treated(study, cause), on="subject_id", how="left"
    )
    treated = (pl.col("treated_until") >= pl.col("day")).fill_null(False)
    present = pl.coalesce(pl.col("present") & ~treated, "told")
    return told.select("subject_id", "day", "value", present=present).sort("subject_id")


def _last_finding(study: Study, cause: FindingCause) -> pl.DataFrame:
    rows = named(study, cause.finding)
    if cause.threshold is None:
        judged = rows.with_columns(present=_says(pl.col("result"), cause.word))
    else:
        units = [unit.lower() for unit in cause.units]
        sound = pl.col("unit").is_null() | pl.col("unit").str.to_lowercase().is_in(units) | pl.lit(not units)
        beyond = pl.col("value") > cause.threshold if cause.bound == ">" else pl.col("value") >= cause.threshold
        judged = rows.with_columns(present=pl.when(sound).then(beyond))
    known = judged.drop_nulls("present").sort("subject_id", "day").group_by("subject_id", maintain_order=True).last()
    return study.subjects.select("subject_id").join(
        known.select("subject_id", "day", "value", "present"), on="subject_id", how="left"
    )


def _covariate(study: Study, cause: FindingCause) -> pl.DataFrame:
    """Return `subject_id, told`: what a covariate of the finding's name says in words, null where none does."""
    subjects = study.subjects
    if cause.threshold is not None or cause.finding not in study.covariates or subjects[cause.finding].dtype.is_float():
        return subjects.select("subject_id", told=pl.lit(None, dtype=pl.Boolean))
    return subjects.select("subject_id", told=_says(pl.col(cause.finding).cast(pl.String), cause.word))


def _says(text: pl.Expr, word: str) -> pl.Expr:
    """Return whether a text names the word and does not deny it."""
    lower = text.str.to_lowercase()
    return lower.str.contains(word, literal=True) & ~lower.str.contains(_DENIED)


def _treated(study: Study, cause: FindingCause) -> pl.DataFrame:
    """Return `subject_id, treated_until`: the last day of the treatments that take the cause away."""
    names = [name.lower() for name in cause.treated_by]
    last = pl.coalesce(pl.col("stop_day").cast(pl.Float64), pl.lit(float("inf")))
    named = study.treatments.filter(canonical(pl.col("drug")).is_in(names))
    return named.group_by("subject_id").agg(treated_until=last.max())
