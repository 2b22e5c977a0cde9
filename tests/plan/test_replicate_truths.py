"""What a truth without an effect is, what belongs to one run, and power over designs that need telling apart."""

from dataclasses import replace

import numpy as np
import pytest

import analyses
import cohort
from analyses.plan.replicate import power_curve, replicate
from analyses.plan.replication import tasks
from analyses.plan.replication.characteristics import _without_effect
from analyses.plan.replication.remission_log_rank import RemissionLogRank
from cohort.criteria import HAMD17_REMISSION
from cohort.errors import CohortError
from synthetic_data import ADD_ON_EPILEPSY, HAMD_MIXTURE, HAMD_STUDY

ALIKE = replace(
    HAMD_MIXTURE,
    means=(HAMD_MIXTURE.means[0],) * 2,
    classes=tuple(replace(one, shares=(one.shares[0],) * 2) for one in HAMD_MIXTURE.classes),
    stopping=replace(HAMD_MIXTURE.stopping, intolerance=(HAMD_MIXTURE.stopping.intolerance[0],) * 2),
)
NO_DRUG = replace(
    ADD_ON_EPILEPSY,
    reductions=(0.0, 0.0),
    intolerance=replace(ADD_ON_EPILEPSY.intolerance, by_end=(0.03, 0.03)),
    inefficacy=replace(ADD_ON_EPILEPSY.inefficacy, by_end=(0.05, 0.05)),
)


def silent(line):
    pass


def shares_at_two_visits(study):
    found = [
        analyses.risk_differences(
            study.subjects.join(cohort.classify(study, HAMD17_REMISSION.at(visit)), on="subject_id"),
            undetermined="excluded",
        ).frame.with_columns(at=np.float64(day))
        for visit, day in (("week 4", 28), ("week 6", 42))
    ]
    return found[0].vstack(found[1])


@pytest.mark.parametrize("truth", [ALIKE, NO_DRUG], ids=["HAM-D", "add-on"])
def test_equal_arms_have_no_effect_though_their_true_values_were_drawn(truth):
    assert _without_effect(truth.estimates())


@pytest.mark.parametrize("truth", [HAMD_MIXTURE, ADD_ON_EPILEPSY], ids=["HAM-D", "add-on"])
def test_unequal_arms_have_one(truth):
    assert not _without_effect(truth.estimates())


def test_a_test_of_equal_arms_makes_type_one_errors():
    found = replicate(ALIKE, RemissionLogRank(), 200, 1, subjects=50, say=silent)
    assert found.frame.filter(statistic="type I error").height == 1


def test_replicates_of_other_code_are_not_mixed(tmp_path, monkeypatch):
    replicate(HAMD_STUDY, RemissionLogRank(), 10, 1, subjects=20, folder=tmp_path, say=silent)
    monkeypatch.setattr(tasks, "_our_code", lambda: "changed")
    with pytest.raises(CohortError, match="holds replicates of another run: 'code' differ"):
        replicate(HAMD_STUDY, RemissionLogRank(), 20, 1, subjects=20, folder=tmp_path, say=silent)


def test_times_stay_apart_in_a_power_curve():
    found = power_curve(
        HAMD_STUDY, shares_at_two_visits, 3, 1, subjects=np.array([20, 40]), match={"at": None}, say=silent
    )
    powers = found.frame.filter(statistic="power")
    assert powers.select("at", "term").n_unique() == powers.height == 4
    assert {"at 28", "at 42"} <= {part for term in powers["term"] for part in term.split(", ")}


def test_no_truth_is_no_design():
    with pytest.raises(CohortError, match="there are 0 designs"):
        power_curve({}, RemissionLogRank(), 3, 1, subjects=20)
