"""What each course of treatment brings: an antidepressant, an augmentation, or neither."""

from __future__ import annotations

import polars as pl

from cohort.drugs import DoseTable, canonical, drug_facts
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study


def antidepressant_courses(study: Study, doses: DoseTable) -> pl.DataFrame:
    """Return one row a course: UNIT, `role, drugs, classes, augmented`.

    `drugs` are its antidepressants and `classes` theirs, sorted; a class is null where it is not known. A drug is an
    antidepressant where `drug_facts` or the dose table say so, an augmenting agent where `drug_facts` say
    so and it is no antidepressant; `augmented` tells that one is among the course's drugs. Any drug added to
    antidepressants that were all taken before makes an augmentation. `role` is "antidepressant", "augmentation", "other
    drug" (each is known for another use), "unknown drug" or "no drug".
    """
    named = _named(study, doses)
    first_taken = pl.col("start_day").min().over("subject_id", "drug", "antidepressant")
    is_new = pl.col("antidepressant") & (pl.col("start_day") == first_taken)
    listed = pl.struct("drug", "drug_class").filter("antidepressant").unique().sort()
    courses = (
        named.with_columns(is_new=is_new)
        .group_by(UNIT)
        .agg(
            drugs=listed.struct.field("drug"),
            classes=listed.struct.field("drug_class"),
            new=pl.col("is_new").any(),
            augmented=pl.col("augmenting").any(),
            others=(~pl.col("antidepressant") & pl.col("is_drug")).any(),
            is_drug=pl.col("is_drug").any(),
            is_known=(pl.col("in_facts") | ~pl.col("is_drug")).all(),
        )
    )
    taken = pl.col("drugs").list.len() > 0
    role = (
        pl.when(~pl.col("new") & (pl.col("augmented") | (taken & pl.col("others"))))
        .then(pl.lit("augmentation"))
        .when(taken)
        .then(pl.lit("antidepressant"))
        .when(pl.col("is_drug") & pl.col("is_known"))
        .then(pl.lit("other drug"))
        .when("is_drug")
        .then(pl.lit("unknown drug"))
        .otherwise(pl.lit("no drug"))
    )
    return courses.select(*UNIT, "drugs", "classes", "augmented", role=role).sort(UNIT)


def _named(study: Study, doses: DoseTable) -> pl.DataFrame:
    """Return TREATMENTS under canonical names, with `is_drug, in_facts, drug_class, antidepressant, augmenting`."""
    facts = drug_facts()
    classed = facts.filter(field="antidepressant").select("drug", "drug_class", listed=pl.lit(True))
    augmenting = facts.filter(field="augmentation").select("drug", adds=pl.lit(True))
    in_facts = facts.select("drug", in_facts=pl.lit(True)).unique()
    dosed = doses.frame.select("drug", dosed=pl.lit(True)).unique()
    taken = study.treatments.with_columns(drug=canonical(pl.col("drug")))
    for known in (classed, augmenting, dosed, in_facts):
        taken = taken.join(known, on="drug", how="left")
    taken = taken.with_columns(is_drug=pl.col("kind").cast(pl.String) == "drug")
    is_drug, listed = pl.col("is_drug"), pl.col("listed").fill_null(False)
    adds = pl.col("adds").fill_null(False) & ~listed
    return taken.with_columns(
        antidepressant=is_drug & (listed | (pl.col("dosed").fill_null(False) & ~adds)),
        augmenting=is_drug & adds,
        in_facts=pl.col("in_facts").fill_null(False),
    )
