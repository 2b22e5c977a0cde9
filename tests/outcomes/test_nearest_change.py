"""The change that an explanation names is honest: made in the records it turns the verdict, and one less does not."""

from dataclasses import replace
from functools import cache

import polars as pl
import pytest

from cohort.closed_lists import REASONS
from cohort.criteria import (
    ANTISEIZURE_ADEQUACY,
    HAMD17_ABOVE_REMISSION,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    ILAE_2010_CONTROL,
    ILAE_2010_FREEDOM,
    RETENTION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_100,
)
from cohort.outcomes.explain import explain
from cohort.outcomes.nearest_change import FINAL, OVER, enough, nearest_changes
from cohort.outcomes.registry import classify, evidence, judge
from tests.outcomes.drawn_studies import EVERY, drawn
from tests.outcomes.small_studies import after_interval, daily, diary_study, rated_study, said

study_of = cache(drawn)
SEVERAL_CLASSES = {"SeizureControl", "EpilepsyTrajectory", "AntidepressantResult"}


def only_change(study, criterion, subject="a"):
    checks = evidence(study, criterion).filter(subject_id=subject).iter_rows(named=True)
    (change,) = nearest_changes(checks, undetermined=said(study, criterion, subject)[0] == "undetermined")
    return change


def observed(study, criterion, check, subject="a"):
    return evidence(study, criterion).filter(subject_id=subject, check=check)["observed"].item()


def scored(score, baseline=24):
    return rated_study({"a": {"baseline": baseline, "week 6": score}})


@pytest.mark.parametrize(("bound", "lower"), [("<=", 5), ("<", 5)])
def test_remission(bound, lower):
    criterion = replace(HAMD17_REMISSION, bound=bound).at("week 6")
    change = only_change(scored(12), criterion)
    assert enough(change) == lower
    assert said(scored(12 - lower), criterion)[0] == ("met" if bound == "<=" else "not met")
    assert said(scored(12 - lower - 0.5), criterion)[0] == "met"
    assert said(scored(12 - lower + 1), criterion)[0] == "not met"
    words = "5 points less" if bound == "<=" else "more than 5 points less"
    assert f"Nearest change: {words} (HAMD17 {bound} 7)" in explain(scored(12), criterion, "a")


def test_remission_ever_names_the_nearest_rating_and_at_several_visits_all_of_them():
    study = rated_study({"a": {"baseline": 24, "week 2": 15, "week 4": 9, "week 6": 11}})
    assert "Nearest change: 2 points less (HAMD17 <= 7)" in explain(study, HAMD17_REMISSION.ever(), "a")
    both = HAMD17_REMISSION.at("week 4", "week 6")
    assert [enough(change) for change in nearest_changes(evidence(study, both).iter_rows(named=True))] == [2, 4]
    for week4, week6, verdict in ((7, 7, "met"), (8, 7, "not met"), (7, 8, "not met")):
        assert said(rated_study({"a": {"baseline": 24, "week 4": week4, "week 6": week6}}), both)[0] == verdict


@pytest.mark.parametrize(("bound", "fails"), [(">=", 13), (">", 12)])
def test_response(bound, fails):
    criterion = replace(HAMD17_RESPONSE, bound=bound).at("week 6")
    words = "at most" if bound == ">=" else "below"
    total = observed(scored(15), criterion, f"HAMD17 total that is enough from this baseline ({words})")
    assert total == 12
    assert said(scored(total if bound == ">=" else total - 0.5), criterion)[0] == "met"
    assert said(scored(fails), criterion)[0] == "not met"
    gap = enough(only_change(scored(15), criterion))
    assert gap == 12.5  # percentage points; the rule lowered by them is met
    lower = replace(criterion, improvement=50 - gap)
    assert said(scored(15), lower)[0] == ("met" if bound == ">=" else "not met")
    assert said(scored(15), replace(lower, improvement=50 - gap + 0.1))[0] == "not met"
    assert said(scored(15), replace(lower, improvement=50 - gap - 0.1))[0] == "met"


def counted(before, after):
    return diary_study({"a": [(-56, 56, before), (0, 84, after)]})


@pytest.mark.parametrize(("before", "bound"), [(12, ">="), (12, ">"), (13, ">="), (7, ">")])
def test_seizure_response(before, bound):
    criterion = replace(SEIZURE_RESPONSE_50, bound=bound)
    study = counted(before, 40)
    most = observed(study, criterion, "most seizures in days 0 to 83 that would be enough")
    assert said(counted(before, int(most)), criterion)[0] == "met"
    assert said(counted(before, int(most) + 1), criterion)[0] == "not met"
    few = counted(12, 10)  # a fall of 44.4 percent
    reduction = 50 - enough(only_change(few, SEIZURE_RESPONSE_50))
    assert said(few, replace(SEIZURE_RESPONSE_50, reduction=reduction - 0.01))[0] == "met"
    assert said(few, replace(SEIZURE_RESPONSE_50, reduction=reduction + 0.01))[0] == "not met"


def test_observed_days_of_a_rate():
    study = diary_study({"a": [(-56, 56, 12), *((day, 1, 0) for day in range(60))]})
    (change,) = [
        change
        for change in nearest_changes(evidence(study, SEIZURE_RESPONSE_50).iter_rows(named=True))
        if "observed" in change.check
    ]
    for days, verdict in ((enough(change), "met"), (enough(change) - 1, "undetermined")):
        longer = diary_study({"a": [(-56, 56, 12), *((day, 1, 0) for day in range(60 + int(days)))]})
        assert said(longer, SEIZURE_RESPONSE_50)[0] == verdict
    assert "8 more days" in explain(study, SEIZURE_RESPONSE_50, "a")


def test_freedom_in_a_period():
    study = diary_study({"a": daily(0, 90, [40])})
    assert "Nearest change: 0 instead of 1 (seizures in days 0 to 83)" in explain(study, SEIZURE_RESPONSE_100, "a")
    assert said(diary_study({"a": daily(0, 90)}), SEIZURE_RESPONSE_100)[0] == "met"


@pytest.mark.parametrize("seizures", [(), (20,), (20, 90)])
@pytest.mark.parametrize("interval", [35, 183])
def test_sustained_freedom(interval, seizures):
    """S1's boy among them: an interval of 35 days, free for 304 days, 61 more are needed."""
    last = 304 + max(seizures, default=0)
    change = only_change(after_interval(interval, last, seizures), ILAE_2010_FREEDOM)
    assert enough(change) == max(365, 3 * interval) - 304
    for days, verdict in ((enough(change), True), (enough(change) - 1, False)):
        found = said(after_interval(interval, last + int(days), seizures), ILAE_2010_FREEDOM)[0]
        assert (found == "met") is verdict


def test_freedom_of_a_treatment_that_was_stopped_says_that_it_is_over():
    stopped = [("a", 1, "valproate", 0, 304, "cost")]
    text = explain(after_interval(35, 304, treatments=stopped), ILAE_2010_FREEDOM, "a")
    assert (
        "The treatment is over; it would have needed 61 more days (8.7 weeks) (longest run without seizures)." in text
    )
    intolerant = [("a", 1, "valproate", 0, 304, "intolerance")]
    text = explain(after_interval(35, 304, treatments=intolerant), ILAE_2010_FREEDOM, "a")
    assert "No further record turns it: stopped for intolerance." in text


def test_a_run_that_is_long_enough_and_not_recorded_well_enough_is_told_by_its_reason():
    study = after_interval(35, 500, missing=range(1, 500, 3))
    assert said(study, ILAE_2010_FREEDOM) == ("undetermined", "too many missing days")
    text = explain(study, ILAE_2010_FREEDOM, "a")
    assert "What stands in the way: too many missing days." in text


@pytest.mark.parametrize(("stop", "reason"), [(60, "inefficacy"), (None, None)])
def test_retention(stop, reason):
    """On the treatment for more than 90 days after a stop, for 90 while it goes on."""

    def treated(last):
        course = [("a", 1, "x", 0, last if stop else None, reason)]
        return diary_study({"a": daily(0, last)}, course)

    change = only_change(treated(60), RETENTION.at(90))
    assert enough(change) == (31 if stop else 30)
    assert said(treated(60 + int(enough(change))), RETENTION.at(90))[0] == "met"
    assert said(treated(60 + int(enough(change)) - 1), RETENTION.at(90))[0] != "met"


def on_levetiracetam(last, dose=1500.0):
    """An adult with focal epilepsy; 750 mg a day is half a defined daily dose, settled after 5 half-lives."""
    study = diary_study({"a": daily(-50, last, [-37, -2, 20])}, [("a", 1, "levetiracetam", 0, last, "inefficacy")])
    facts = {"age": pl.lit(40.0), "epilepsy_type": pl.lit("focal")}
    return replace(
        study,
        treatments=study.treatments.with_columns(daily_dose=pl.lit(dose)),
        subjects=study.subjects.with_columns(**facts),
    )


def test_adequacy():
    (change,) = nearest_changes(evidence(on_levetiracetam(20), ANTISEIZURE_ADEQUACY).iter_rows(named=True))
    more = int(enough(change))
    text = explain(on_levetiracetam(20), ANTISEIZURE_ADEQUACY, "a")
    assert f"Nearest change: {more} more days at or above the minimum dose" in text
    assert said(on_levetiracetam(20 + more), ANTISEIZURE_ADEQUACY)[0] == "met"
    assert said(on_levetiracetam(20 + more - 1), ANTISEIZURE_ADEQUACY) == ("not met", "too short")
    low = explain(on_levetiracetam(60, 500.0), ANTISEIZURE_ADEQUACY, "a")
    assert "Nearest change, all of it: 250 more mg a day (highest daily dose); 28 more days at or above" in low
    for dose, verdict in ((750.0, "met"), (749.0, "not met")):
        assert said(on_levetiracetam(60, dose), ANTISEIZURE_ADEQUACY)[0] == verdict


def test_control_names_the_check_that_its_reason_speaks_of_and_explains_what_it_is_made_of():
    text = explain(on_levetiracetam(20), ILAE_2010_CONTROL, "a")
    assert "undetermined (too short); 3" in text
    assert "Nearest change: 9 more days at an adequate dose, and treatment 1 could be decided." in text
    assert said(on_levetiracetam(29), ILAE_2010_CONTROL)[0] == "not met"
    assert said(on_levetiracetam(28), ILAE_2010_CONTROL) == ("undetermined", "too short")
    assert "Part of it: sustained seizure freedom (ILAE 2010).\n  Treatment 1: not met" in text
    assert "Part of it" not in explain(on_levetiracetam(20), ILAE_2010_CONTROL, "a", parts=False)


def test_entry():
    change = only_change(scored(3, baseline=5), HAMD17_ABOVE_REMISSION)
    assert enough(change) == 2
    assert said(scored(3, baseline=7), HAMD17_ABOVE_REMISSION)[0] == "not met"
    assert said(scored(3, baseline=7.5), HAMD17_ABOVE_REMISSION)[0] == "met"
    assert "more than 2 points more" in explain(scored(3, baseline=5), HAMD17_ABOVE_REMISSION, "a")


def of_one_class(criterion):
    """No band with two ends, of which a rating must pass both; no rule whose checks tell several classes apart."""
    return getattr(criterion, "under", None) is None and type(criterion).__name__ not in SEVERAL_CLASSES


@pytest.mark.parametrize("criterion", list(filter(of_one_class, EVERY)), ids=lambda criterion: criterion.label)
def test_nothing_has_to_change_for_a_verdict_that_is_met(criterion):
    """A bound stands beside what the verdict hangs on and nothing else: where it is met, every such check passed."""
    for seed in range(2):
        found = judge(study_of(seed), criterion)
        checks = found.evidence.partition_by("subject_id", "treatment_no", as_dict=True)
        for who, number, verdict in found.outcomes.select("subject_id", "treatment_no", "verdict").rows():
            own = checks.get((who, number))
            if verdict == "met" and own is not None:
                assert nearest_changes(own.iter_rows(named=True)) == [], (who, number)


@pytest.mark.parametrize("criterion", EVERY, ids=lambda criterion: criterion.label)
def test_every_verdict_is_explained_with_what_would_turn_it(criterion):
    study = study_of(1)
    rows = classify(study, criterion).filter(pl.col("verdict") != "met").select("subject_id", "treatment_no").rows()
    who, number = rows[0]
    text = explain(study, criterion, who)
    own = text if number is None else text.split(f"Treatment {number}: ")[1].split("\nTreatment ")[0]
    turning = ("Nearest change", "No further record", "What stands in the way", "The treatment is over")
    assert any(words in own for words in turning), own


def test_what_no_record_turns_are_reasons():
    assert set(FINAL) | set(OVER) <= set(REASONS)
