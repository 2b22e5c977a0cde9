"""One registry: which classifier answers for which criterion, and what it needs of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohort.closed_lists import STOP_REASONS
from cohort.criteria import (
    SEVERITIES,
    AboveAtEntry,
    Adequacy,
    AntibodyScore,
    AntidepressantResult,
    AntidepressantSwitches,
    BrodieCourse,
    Candidacy,
    ClusterDays,
    Criterion,
    DepressionTrajectory,
    DiaryEligibility,
    DrugResistance,
    DrugsGivenUp,
    EpilepsyTrajectory,
    ImmuneWorkup,
    Maudsley,
    MGHStaging,
    NthSeizure,
    PseudoResistance,
    Recovery,
    Recurrence,
    Referral,
    Relapse,
    Remission,
    Response,
    Retention,
    SeizureControl,
    SeizureFreedom,
    SeizureResponse,
    Severity,
    StatusEpilepticus,
    SustainedRemission,
    ThaseRush,
    TherapyResponse,
    TreatmentResistance,
)
from cohort.criteria.candidacy import WAYS
from cohort.errors import CriterionError
from cohort.outcomes.antidepressants.antidepressant_result import (
    RESULTS,
    classify_antidepressant_result,
    needs_antidepressants,
)
from cohort.outcomes.antidepressants.antidepressant_switches import (
    classify_antidepressant_switches,
    needs_prescriptions,
)
from cohort.outcomes.antidepressants.depression_trajectory import TRAJECTORIES as DEPRESSION_TRAJECTORIES
from cohort.outcomes.antidepressants.depression_trajectory import classify_depression_trajectory, needs_scores
from cohort.outcomes.antidepressants.failed_antidepressants import needs_results
from cohort.outcomes.antidepressants.maudsley import classify_maudsley
from cohort.outcomes.antidepressants.mgh_staging import classify_mgh_staging
from cohort.outcomes.antidepressants.pseudo_resistance import CAUSES, classify_pseudo_resistance
from cohort.outcomes.antidepressants.stage_arithmetic import MAUDSLEY_BANDS
from cohort.outcomes.antidepressants.thase_rush import STAGES, classify_thase_rush
from cohort.outcomes.antidepressants.treatment_resistance import RESISTANCES, classify_treatment_resistance
from cohort.outcomes.findings.candidacy import classify_candidacy, needs_candidacy
from cohort.outcomes.findings.immune import classify_score, classify_workup, needs_score, needs_workup
from cohort.outcomes.findings.referral import classify_referral, needs_referral
from cohort.outcomes.judgement import Judgement
from cohort.outcomes.populations import classify_above_at_entry
from cohort.outcomes.scores.ratings import needs_endpoint, needs_scale
from cohort.outcomes.scores.recovery import RECOVERIES, classify_recovery
from cohort.outcomes.scores.relapse import RECURRENCES, RELAPSES, classify_recurrence, classify_relapse
from cohort.outcomes.scores.remission import ENTRIES, classify_remission
from cohort.outcomes.scores.response import IMPROVEMENTS, classify_response
from cohort.outcomes.scores.severity import classify_severity
from cohort.outcomes.scores.sustained import LASTING, classify_sustained
from cohort.outcomes.seizures.brodie_course import COURSES, classify_brodie_course
from cohort.outcomes.seizures.clusters import classify_clusters
from cohort.outcomes.seizures.control import CONTROL, classify_control, needs_treatments_and_diary
from cohort.outcomes.seizures.diary_eligibility import classify_diary_eligibility
from cohort.outcomes.seizures.freedom import classify_freedom, needs_diary
from cohort.outcomes.seizures.nth_seizure import classify_nth_seizure, needs_last_day
from cohort.outcomes.seizures.resistance import classify_given_up, classify_resistance, needs_stops
from cohort.outcomes.seizures.resistance_spans import STATUSES
from cohort.outcomes.seizures.seizure_response import RATE_CHANGES, classify_seizure_response, needs_seizures
from cohort.outcomes.seizures.status_epilepticus import STATUS_CLASSES, classify_status_epilepticus, needs_episodes
from cohort.outcomes.seizures.therapy_response import classify_therapy_response, needs_therapies
from cohort.outcomes.seizures.trajectory import TRAJECTORIES, classify_trajectory
from cohort.outcomes.treatments.adequacy import classify_adequacy, needs_treatments
from cohort.outcomes.treatments.retention import classify_retention, needs_day
from cohort.records.remembered import as_known_at
from cohort.records.study import Study


@dataclass(frozen=True)
class Classifier:
    """Who answers for a criterion.

    Attributes:
        needs: Refuses a study that does not hold what the criterion asks for. It sees the whole study, so that an early
            `as_of` finds nobody decided and is no error.
        judge: Answers, for the records known by then.
        categories: The classes that it tells apart, in order; empty where it tells none.
    """

    needs: Callable[[Study, Any], None]
    judge: Callable[[Study, Any], Judgement]
    categories: tuple[str, ...] = ()


CLASSIFIERS: dict[type, Classifier] = {
    Remission: Classifier(needs_endpoint, classify_remission, ENTRIES),
    Response: Classifier(needs_endpoint, classify_response, IMPROVEMENTS),
    Severity: Classifier(needs_endpoint, classify_severity, SEVERITIES),
    SustainedRemission: Classifier(needs_scale, classify_sustained, LASTING),
    Recovery: Classifier(needs_scale, classify_recovery, RECOVERIES),
    Relapse: Classifier(needs_scale, classify_relapse, RELAPSES),
    Recurrence: Classifier(needs_scale, classify_recurrence, RECURRENCES),
    SeizureResponse: Classifier(needs_seizures, classify_seizure_response, RATE_CHANGES),
    SeizureFreedom: Classifier(needs_diary, classify_freedom),
    Retention: Classifier(needs_day, classify_retention, STOP_REASONS),
    Adequacy: Classifier(needs_treatments, classify_adequacy),
    AboveAtEntry: Classifier(needs_scale, classify_above_at_entry),
    ClusterDays: Classifier(needs_seizures, classify_clusters),
    DiaryEligibility: Classifier(needs_seizures, classify_diary_eligibility),
    NthSeizure: Classifier(needs_last_day, classify_nth_seizure),
    StatusEpilepticus: Classifier(needs_episodes, classify_status_epilepticus, STATUS_CLASSES),
    SeizureControl: Classifier(needs_treatments_and_diary, classify_control, CONTROL),
    DrugResistance: Classifier(needs_treatments_and_diary, classify_resistance, STATUSES),
    DrugsGivenUp: Classifier(needs_stops, classify_given_up),
    EpilepsyTrajectory: Classifier(needs_treatments_and_diary, classify_trajectory, TRAJECTORIES),
    BrodieCourse: Classifier(needs_treatments_and_diary, classify_brodie_course, COURSES),
    AntidepressantResult: Classifier(needs_antidepressants, classify_antidepressant_result, RESULTS),
    TreatmentResistance: Classifier(needs_results, classify_treatment_resistance, RESISTANCES),
    AntidepressantSwitches: Classifier(needs_prescriptions, classify_antidepressant_switches),
    PseudoResistance: Classifier(needs_results, classify_pseudo_resistance, CAUSES),
    ThaseRush: Classifier(needs_results, classify_thase_rush, STAGES),
    Maudsley: Classifier(needs_results, classify_maudsley, MAUDSLEY_BANDS),
    MGHStaging: Classifier(needs_results, classify_mgh_staging),
    DepressionTrajectory: Classifier(needs_scores, classify_depression_trajectory, DEPRESSION_TRAJECTORIES),
    Candidacy: Classifier(needs_candidacy, classify_candidacy, WAYS),
    Referral: Classifier(needs_referral, classify_referral),
    TherapyResponse: Classifier(needs_therapies, classify_therapy_response, RATE_CHANGES),
    AntibodyScore: Classifier(needs_score, classify_score),
    ImmuneWorkup: Classifier(needs_workup, classify_workup),
}


def classify(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return the verdict of a criterion for each subject, or for each treatment where it judges treatments.

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`; a variant is made with `dataclasses.replace`.
        as_of: Only what was known on this day counts (`Study.known_at`); None is everything.

    Returns:
        OUTCOMES, one row a unit. Nobody is dropped: a unit whose records cannot decide is "undetermined", with its
        reason. A treatment that had not begun by `as_of` is no unit yet.

    Raises:
        CriterionError: The criterion asks for what the study does not hold, or names no endpoint.
        RecordError: The study has no rating on the criterion's scale.

    >>> from cohort.criteria import HAMD17_REMISSION
    >>> rated = {"subject_id": ["a", "a", "b"], "day": [0, 42, 0], "visit": ["baseline", "week 6", "baseline"]}
    >>> ratings = pl.DataFrame(rated | {"scale": "HAMD17", "score": [20, 5, 18]})
    >>> subjects = pl.DataFrame({"subject_id": ["a", "b"]})
    >>> study = Study(name="two", visits=("baseline", "week 6"), subjects=subjects, ratings=ratings)
    >>> classify(study, HAMD17_REMISSION.at("week 6")).select("subject_id", "verdict", "value").rows()
    [('a', 'met', 5.0), ('b', 'undetermined', None)]
    """
    return judge(study, criterion, as_of).outcomes


def categories_of(criterion: Criterion) -> tuple[str, ...]:
    """Return the classes that a criterion tells apart beside its verdict, in order; empty where it tells none."""
    return CLASSIFIERS[type(criterion)].categories


def evidence(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return what each verdict rests on.

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`.
        as_of: As in `classify`.

    Returns:
        EVIDENCE, one row a check: what was looked at, on which day, what was found, what it was compared with, whether
        it passed (null where it could not be made).
    """
    return judge(study, criterion, as_of).evidence


def judge(study: Study, criterion: Criterion, as_of: float | None = None) -> Judgement:
    """Return outcomes and evidence together."""
    if not isinstance(study, Study):
        raise CriterionError(f"a criterion is asked of a Study, not of a {type(study).__name__}")
    classifier = CLASSIFIERS.get(type(criterion))
    if classifier is None:
        raise CriterionError(f"nothing classifies a {type(criterion).__name__}; criteria are in cohort.criteria")
    classifier.needs(study, criterion)
    return classifier.judge(as_known_at(study, as_of), criterion)
