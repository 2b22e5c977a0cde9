"""What is no study, no rule, no period or no number is refused in a sentence, by every verb and rule of epilepsy."""

from dataclasses import replace

import polars as pl
import pytest

import cohort
from analyses.plan.criterion_spec import CriterionSpec
from cohort.criteria import (
    BRIVARACETAM_ELIGIBILITY,
    CANDIDACY,
    ILAE_2010_FREEDOM,
    ILAE_2010_RESISTANCE,
    SEIZURE_CLUSTERS,
    SEIZURE_RESPONSE_50,
    STATUS_EPILEPTICUS,
    THERAPY_RESPONSE_50,
    TIME_TO_BASELINE_COUNT,
    TWO_DRUGS_FAILED_ANY_REASON,
)
from cohort.drugs import DoseTable
from cohort.errors import CohortError
from tests.outcomes.small_epilepsies import the_boy

BOY = the_boy()
VERBS = {
    "clusters": lambda study: cohort.clusters(study, SEIZURE_CLUSTERS),
    "diary_measures": lambda study: cohort.diary_measures(study, (-56, -1), (0, 83)),
    "innumerable_counts": cohort.innumerable_counts,
    "interseizure_intervals": cohort.interseizure_intervals,
    "longest_free_stretch": lambda study: cohort.longest_free_stretch(study, 0, 83),
    "seizure_changes": lambda study: cohort.seizure_changes(study, (-56, -1), (0, 83)),
    "seizures_in": lambda study: cohort.seizures_in(study, 0, 83),
    "states": lambda study: cohort.states(study, ILAE_2010_RESISTANCE),
    "status_epilepticus": cohort.status_epilepticus,
    "therapies_by_way": lambda study: cohort.therapies_by_way(study, CANDIDACY),
    "therapy_doses": cohort.therapy_doses,
    "time_to": lambda study: cohort.time_to(study, ILAE_2010_RESISTANCE),
    "write": lambda study: cohort.write(study, "never"),
    "with_capped_counts": cohort.with_capped_counts,
    "with_status_as_one_seizure": cohort.with_status_as_one_seizure,
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("wrong", [BOY.subjects, "boy", None, cohort.Study], ids=["frame", "text", "none", "class"])
def test_every_verb_asks_for_a_study(verb, wrong):
    with pytest.raises(CohortError, match="a Study is needed"):
        verb(wrong)


@pytest.mark.parametrize("verb", [cohort.clusters, cohort.interseizure_intervals, cohort.status_epilepticus])
@pytest.mark.parametrize("wrong", ["x", ILAE_2010_RESISTANCE, type(SEIZURE_CLUSTERS), None])
def test_a_verb_asks_for_its_rule(verb, wrong):
    with pytest.raises(CohortError, match="criterion is of the class"):
        verb(BOY, wrong)


@pytest.mark.parametrize("days", [(0,), 3, "ab", None, (0.5, 83), (float("nan"), 83), (True, 83)])
def test_a_period_is_two_whole_days(days):
    for periods in ((days, (100, 183)), ((-56, -1), days)):
        for verb in (cohort.diary_measures, cohort.seizure_changes):
            with pytest.raises(CohortError, match=r"is a first and a last day|is a whole number"):
                verb(BOY, *periods)


@pytest.mark.parametrize("wrong", [None, 3, {"intolerance": 1}, BOY.subjects, "intolerance"])
def test_what_competes_is_a_list(wrong):
    with pytest.raises(CohortError, match="`compete` is a list of reasons"):
        cohort.time_to(BOY, ILAE_2010_FREEDOM, compete=wrong)


@pytest.mark.parametrize("wrong", [None, "144", 1.5, float("nan"), 0])
def test_a_cap_is_a_whole_number(wrong):
    with pytest.raises(CohortError, match="leaves none"):
        cohort.with_capped_counts(BOY, wrong)


@pytest.mark.parametrize(
    ("criterion", "field", "wrong"),
    [
        (SEIZURE_RESPONSE_50, "baseline", (-56, -1)),
        (SEIZURE_RESPONSE_50, "treatment", "0-83"),
        (BRIVARACETAM_ELIGIBILITY, "baseline", (-56, -1)),
        (TIME_TO_BASELINE_COUNT, "baseline", None),
        (SEIZURE_CLUSTERS, "period", (0, 83)),
        (THERAPY_RESPONSE_50, "before", (-56, -1)),
        (THERAPY_RESPONSE_50, "after", 83),
        (STATUS_EPILEPTICUS, "convulsive", "status"),
        (TWO_DRUGS_FAILED_ANY_REASON, "reasons", ["intolerance"]),
        (ILAE_2010_FREEDOM, "min_days", "365"),
        (ILAE_2010_FREEDOM, "times", None),
    ],
)
def test_a_rule_refuses_what_is_of_another_kind(criterion, field, wrong):
    with pytest.raises(CohortError, match=field):
        replace(criterion, **{field: wrong})


def test_a_study_file_names_the_days_in_which_clusters_are_looked_for():
    (named,) = CriterionSpec(name="SEIZURE_CLUSTERS", period=[0, 27]).criteria()
    assert named == SEIZURE_CLUSTERS.between(0, 27)


@pytest.mark.parametrize("wrong", [None, 3, BOY.subjects, ["study.toml"]])
def test_what_is_read_is_named_by_a_path(wrong):
    with pytest.raises(CohortError, match="is named by its path"):
        cohort.read(wrong)
    with pytest.raises(CohortError, match="cannot be read as a CSV table"):
        DoseTable.read(wrong)


def test_a_diary_is_scanned_from_a_path_and_answers_with_a_study(tmp_path):
    file = tmp_path / "diary.parquet"
    pl.DataFrame({"subject_id": "a", "day": [0, 1], "count": [1, 0]}).write_parquet(file)
    scan = cohort.DiaryScan(source=file)
    for fault in ({"source": 3}, {"day": ["day"]}, {"block_rows": "many"}, {"block_rows": float("nan")}):
        with pytest.raises(CohortError):
            cohort.DiaryScan(**({"source": file} | fault))
    for given in ({"criteria": ILAE_2010_FREEDOM}, {"study": BOY.subjects}, {"periods": ((-56, -1), (0, 83))}):
        with pytest.raises(CohortError):
            cohort.classify_diary(scan, **given)
    with pytest.raises(CohortError, match="scan is of the class DiaryScan"):
        cohort.classify_diary(file)
