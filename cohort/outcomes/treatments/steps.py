"""What each treatment changed against what was taken before: added, substituted, removed; by which mechanism."""

from __future__ import annotations

from typing import Literal

import polars as pl

from cohort.criteria.soundness import check_number
from cohort.drugs import canonical, drug_facts
from cohort.errors import CriterionError
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study, check_study

STEPS = ("add-on", "substitution", "removal", "dose change")

_SEVERAL = ("multiple", "several", "several mechanisms")


def steps(
    study: Study,
    *,
    by: Literal["mechanism", "drug_class"] = "mechanism",
    several: Literal["own class", "not told"] = "own class",
    overlap_days: int = 28,
) -> pl.DataFrame:
    """Return what each treatment after the subject's first changed, one row a treatment, in order.

    Columns:

    - `subject_id, treatment_no, start`;
    - `step`: "add-on" (everything taken before goes on, and something is new), "substitution" (something is new, and
      something is given up), "removal" (nothing is new, something is given up) or "dose change" (the same drugs);
    - `before`, `added`, `dropped`: what was taken until then, what is new, what is given up, under their one names;
    - `same_mechanism`: whether something added has the mechanism of anything taken in an earlier treatment; null where
      nothing was added, or where a mechanism is not known.

    Taken before is what the previous treatment held, and what earlier ones hold that go on at the start. An earlier
    treatment goes on beside the new one where it lasts more than `overlap_days` longer than the new one's start: a
    shorter overlap is a cross-titration. A missing stop means that it goes on. Treatments of every kind count, so that
    a stimulator beside the drugs is an add-on; a device, a diet or an operation has no mechanism here.

    Args:
        study: The study; for the steps known on a day, `study.known_at(day)`.
        by: What is compared: the mechanism (fast and slow sodium channel inactivation differ) or the broader class.
        several: Whether drugs with several mechanisms are an "own class", alike among themselves and unlike all others,
            or what they share with others is "not told" (a convention).
        overlap_days: The longest overlap that is a change from one to the other (a convention).

    Raises:
        CriterionError: `by`, `several` or `overlap_days` is none of these.

    >>> rows = {"treatment_no": [1, 2, 3], "drug": ["CBZ", "OXC", "LEV"], "start_day": [0, 90, 200]}
    >>> courses = pl.DataFrame(rows | {"stop_day": [100, None, None], "subject_id": "a", "kind": "drug"})
    >>> study = Study(name="one", subjects=pl.DataFrame({"subject_id": ["a"]}), treatments=courses)
    >>> steps(study).select("treatment_no", "step", "same_mechanism").rows()
    [(2, 'substitution', True), (3, 'add-on', False)]
    """
    check_study(study)
    if by not in ("mechanism", "drug_class"):
        raise CriterionError(f"steps are compared by 'mechanism' or 'drug_class', not {by!r}")
    if several not in ("own class", "not told"):
        raise CriterionError(f"several mechanisms are an 'own class' or 'not told', not {several!r}")
    check_number(overlap_days=overlap_days)
    if overlap_days < 0 or overlap_days % 1:
        raise CriterionError(f"overlap_days is a whole number from 0 up, not {overlap_days}")
    held = _held(study)
    changes = _changes(held, overlap_days)
    listed = [
        pl.col("drug").filter(chosen).sort().alias(name)
        for name, chosen in (("before", "was"), ("added", ~pl.col("was")), ("dropped", ~pl.col("now")))
    ]
    found = changes.group_by(UNIT).agg(pl.col("start").first(), *listed)
    new, lost = pl.col("added").list.len() > 0, pl.col("dropped").list.len() > 0
    step = (
        pl.when(new & lost)
        .then(pl.lit("substitution"))
        .when(new)
        .then(pl.lit("add-on"))
        .when(lost)
        .then(pl.lit("removal"))
        .otherwise(pl.lit("dose change"))
    )
    compared = pl.col(by) if several == "own class" else pl.when(~pl.col(by).is_in(_SEVERAL)).then(by)
    shared = _shared(held, changes.filter(~pl.col("was")), compared)
    return (
        found.join(shared, on=UNIT, how="left")
        .select(*UNIT, "start", "before", "added", "dropped", "same_mechanism", step=step.cast(pl.Enum(STEPS)))
        .select(*UNIT, "start", "step", "before", "added", "dropped", "same_mechanism")
        .sort(UNIT)
    )


def _held(study: Study) -> pl.DataFrame:
    """Return what each treatment holds: UNIT, `drug, from_day, to_day` (null where it goes on), `start, previous`."""
    rows = study.treatments.select(*UNIT, canonical(pl.col("drug")), "start_day", "stop_day")
    drugs = rows.group_by(*UNIT, "drug").agg(
        from_day=pl.col("start_day").min(),
        to_day=pl.when(pl.col("stop_day").is_not_null().all()).then(pl.col("stop_day").max()),
    )
    units = drugs.group_by(UNIT).agg(start=pl.col("from_day").min()).sort(UNIT)
    previous = pl.col("treatment_no").shift(1).over("subject_id")
    return drugs.join(units.with_columns(previous=previous), on=UNIT)


def _changes(held: pl.DataFrame, overlap_days: int) -> pl.DataFrame:
    """Return each drug taken before or under each treatment after the first, `was` and `now` telling which."""
    units = held.select(*UNIT, "start", "previous").unique().drop_nulls("previous")
    earlier = held.select("subject_id", "drug", "to_day", earlier="treatment_no")
    pairs = units.join(earlier, on="subject_id").filter(pl.col("earlier") < pl.col("treatment_no"))
    lasts = pl.col("to_day").is_null() | (pl.col("to_day") > pl.col("start") + overlap_days)
    going_on = pl.col("to_day").is_null() | (pl.col("to_day") >= pl.col("start"))
    taken = pairs.filter((pl.col("earlier") == pl.col("previous")) | going_on)
    was = taken.select(*UNIT, "start", "drug", was=pl.lit(True), now=lasts)
    own = held.drop_nulls("previous").select(*UNIT, "start", "drug", was=pl.lit(False), now=pl.lit(True))
    both = pl.concat([was, own])
    return both.group_by(*UNIT, "drug").agg(pl.col("start").first(), pl.col("was", "now").any())


def _shared(held: pl.DataFrame, added: pl.DataFrame, compared: pl.Expr) -> pl.DataFrame:
    """Return whether something added works like anything of an earlier treatment: UNIT, `same_mechanism`."""
    facts = drug_facts().group_by("drug", maintain_order=True).first()
    how = facts.select("drug", how=compared)
    earlier = held.select("subject_id", other="drug", earlier="treatment_no").join(
        how.rename({"drug": "other", "how": "other_how"}), on="other", how="left"
    )
    pairs = added.join(how, on="drug", how="left").join(earlier, on="subject_id")
    alike = pl.when(pl.col("drug") == pl.col("other")).then(True).otherwise(pl.col("how") == pl.col("other_how"))
    earlier_ones = pairs.filter(pl.col("earlier") < pl.col("treatment_no")).with_columns(alike=alike)
    return earlier_ones.group_by(UNIT).agg(same_mechanism=pl.col("alike").any(ignore_nulls=False))
