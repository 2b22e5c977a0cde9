"""Several seizure types: one type recorded as missing leaves the day's count unknown, and a known seizure a seizure."""

import polars as pl

from cohort.criteria import ILAE_2010_FREEDOM, SEIZURE_RESPONSE_50, SEIZURE_RESPONSE_100
from cohort.schemas import SEIZURES
from tests.outcomes.small_studies import daily, made, said

ON = [("a", 1, "drug", 0, None, None)]


def two_types(last, tonic):
    """Ten focal seizures before day 0, none after; `tonic` gives the tonic seizures of single days, None is missing."""
    focal = [(day, 1, count, "focal") for day, _, count in daily(-56, last, range(-50, -10, 4))]
    spans = [*focal, *((day, 1, count, "tonic") for day, count in tonic.items())]
    rows = [("a", *span) for span in spans]
    return made(["a"], seizures=pl.DataFrame(rows, schema=SEIZURES.schema, orient="row"), treatments=ON)


def focal_missing(study, day):
    """Return the study with the focal record of one day set to missing."""
    gone = (pl.col("day") == day) & (pl.col("type") == "focal")
    count = pl.when(~gone).then("count").alias("count")
    return made(["a"], seizures=study.seizures.with_columns(count), treatments=ON)


def test_a_known_seizure_ends_freedom_though_another_type_was_not_recorded():
    assert said(two_types(400, {}), ILAE_2010_FREEDOM) == ("met", "")
    study = focal_missing(two_types(400, {100: 1}), 100)
    assert said(study, ILAE_2010_FREEDOM) == ("not met", "seizure under treatment")
    assert said(study, SEIZURE_RESPONSE_100) == ("met", ""), "day 100 lies after the treatment period"


def test_a_known_seizure_in_the_period_is_no_freedom_and_its_day_is_in_no_rate():
    study = focal_missing(two_types(83, {40: 1}), 40)
    assert said(study, SEIZURE_RESPONSE_100) == ("not met", "threshold not reached")
    assert said(study, SEIZURE_RESPONSE_50) == ("met", "")


def test_a_day_on_which_nothing_is_known_is_missing():
    study = focal_missing(two_types(400, {100: None}), 100)
    assert said(study, ILAE_2010_FREEDOM) == ("met", "")
