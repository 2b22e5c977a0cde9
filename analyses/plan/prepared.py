"""The study as a plan wants it before anything is estimated."""

from __future__ import annotations

import warnings
from dataclasses import replace

import polars as pl

import cohort
from cohort.criteria import PRORATING
from cohort.records.inspect import Inspection


def prepared(inspection: Inspection, *, totals: bool) -> Inspection:
    """Return the inspection, its study with totals made from items where that is asked for.

    What differs from recorded totals becomes a caution.

    Raises:
        CriterionError: Totals are asked for, and the study has no items.
    """
    if not totals:
        return inspection
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", cohort.CohortWarning)
        study = cohort.with_totals(inspection.study, PRORATING)
    scales = inspection.study.items["scale"].unique().sort()
    told = [_told(scale, cohort.totals(inspection.study, scale, PRORATING)) for scale in scales]
    differing = [str(each.message) for each in caught]
    return replace(inspection, study=study, cautions=(*inspection.cautions, *told, *differing))


def _told(scale: str, made: pl.DataFrame) -> str:
    new = made.filter(pl.col("recorded").is_null())
    return (
        f"{new['score'].count()} totals of {scale} are made from items, {new['prorated'].sum()} of them prorated; in "
        f"{new['score'].null_count()} ratings too many items are missing"
    )
