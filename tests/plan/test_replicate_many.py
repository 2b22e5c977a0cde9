"""Many studies at once are the very studies, analysed the ordinary way."""

from dataclasses import replace
from functools import partial
from math import sqrt

import numpy as np
import polars as pl
import pytest

from analyses.estimates.survival.log_rank_many import log_rank_many
from analyses.plan.replicate import replicate
from analyses.plan.replication.remission_log_rank import RemissionLogRank
from analyses.plan.replication.replicates import LABELS, of_one
from cohort.errors import EstimationError
from cohort.records.study import Study
from synthetic_data import EPILEPSY_CLINIC, HAMD_STUDY, PRESETS, simulate
from synthetic_data.hamd.scores import Scores, draw_scores

NULL = replace(HAMD_STUDY, means=(HAMD_STUDY.means[1],) * 2)


def study_of(truth, scores, arm, days):
    """The study of one draw: `scores` by subject and visit, rated on `days`."""
    ids = [f"S{i:03d}" for i in range(len(scores.recorded))]
    who, visit = np.nonzero(scores.present)
    return Study(
        name="drawn",
        arms=truth.arms,
        visits=truth.visits,
        subjects=pl.DataFrame({"subject_id": ids, "arm": [truth.arms[a] for a in arm]}),
        ratings=pl.DataFrame(
            {
                "subject_id": [ids[i] for i in who],
                "day": days[who, visit].astype(float),
                "visit": [truth.visits[j] for j in visit],
                "scale": "HAMD17",
                "score": scores.recorded[who, visit].astype(float),
            }
        ),
    )


def hopping(scores, rng):
    """The same scores where a visit may be missed and the next attended."""
    present = scores.present & (rng.random(scores.present.shape) > 0.2)
    present[:, :, 0] = True
    return Scores(scores.recorded, present)


@pytest.mark.parametrize("subjects", [7, 40])
@pytest.mark.parametrize("days", ["planned", "moved"])
@pytest.mark.parametrize("missing", ["leaving", "hopping", "mixture"])
def test_each_study_of_a_batch_is_the_ordinary_analysis_of_its_records(subjects, days, missing):
    truth = PRESETS["hamd_mixture"] if missing == "mixture" else HAMD_STUDY
    rng = np.random.default_rng(subjects)
    studies, control = 12, (subjects + 1) // 2
    arm = np.tile((np.arange(subjects) >= control).astype(np.int8), (studies, 1))
    scores = draw_scores(truth, arm, rng)
    if missing == "hopping":
        scores = hopping(scores, rng)
    analysis = RemissionLogRank()
    many = log_rank_many(*analysis.counts(scores, control))
    jitter = 0 if days == "planned" else 3
    moved = np.array(truth.visit_days) + rng.integers(-jitter, jitter, (subjects, len(truth.visits)), endpoint=True)
    moved[:, 0] = 0
    compared = 0
    for i in range(studies):
        study = study_of(truth, Scores(scores.recorded[i], scores.present[i]), arm[i], moved)
        if np.isnan(many.chi_square[i]):
            with pytest.raises(EstimationError):
                analysis(study)
            continue
        one = analysis(study)
        compared += 1
        assert one.value("log-rank chi-square") == pytest.approx(many.chi_square[i], rel=1e-12)
        assert one.frame.filter(statistic="expected")["estimate"].to_list() == pytest.approx(
            many.expected[i], rel=1e-12
        )
    assert compared >= studies / 2


def test_the_rows_of_a_batch_are_labelled_as_those_of_one_study():
    analysis = RemissionLogRank(threshold=10.0)
    many = analysis.many(HAMD_STUDY, 2, 100, np.random.default_rng(1))
    one = of_one(0, analysis(simulate(HAMD_STUDY, subjects=100, seed=1)))
    assert many.schema == one.schema
    assert many.filter(replicate=1).select(LABELS).equals(one.select(LABELS))
    assert many["p_value"].is_null().sum() == 10


def test_studies_with_nothing_to_compare_are_counted():
    found = replicate(HAMD_STUDY, RemissionLogRank(threshold=0.0), 500, 1, subjects=8)
    n = int(found.value("replicates", analysis="log-rank chi-square"))
    assert 0 < n < 500
    assert any(note.startswith(f"{500 - n} of 500 replicates have no estimate") for note in found.notes)


@pytest.mark.parametrize("n", [1500, 2500])
def test_threads_change_no_bit(n):
    call = partial(replicate, HAMD_STUDY, RemissionLogRank(), n, 3, subjects=200)
    assert call(workers=1).frame.equals(call(workers=3).frame)


def test_the_first_studies_do_not_depend_on_how_many_follow(tmp_path):
    few = replicate(HAMD_STUDY, RemissionLogRank(), 1300, 3, subjects=200)
    replicate(HAMD_STUDY, RemissionLogRank(), 2600, 3, subjects=200, folder=tmp_path)
    kept = sorted(tmp_path.glob("*.parquet"))
    assert len(kept) == 3
    chi = pl.concat([pl.read_parquet(path) for path in kept]).filter(
        pl.col("replicate") < 1300, statistic="log-rank chi-square"
    )["estimate"]
    assert few.value("mean estimate", analysis="log-rank chi-square") == float(np.mean(chi.to_numpy()))


def test_the_test_keeps_its_level():
    found = replicate(NULL, RemissionLogRank(), 20_000, 11, subjects=200)
    share = found.value("type I error", analysis="log-rank chi-square")
    assert abs(share - 0.05) < 4.5 * sqrt(0.05 * 0.95 / 20_000) + 0.002


def test_power_is_that_of_studies_simulated_one_by_one():
    # a drug that takes 4 points more away: power near one half with 60 subjects
    stronger = (*HAMD_STUDY.means[0][:1], *(mean - 5 for mean in HAMD_STUDY.means[0][1:]))
    truth = replace(HAMD_STUDY, means=(HAMD_STUDY.means[0], stronger))
    many = replicate(truth, RemissionLogRank(), 20_000, 5, subjects=60).frame.filter(statistic="power")
    few = replicate(truth, RemissionLogRank().__call__, 60, 6, subjects=60).frame.filter(statistic="power")
    power = many["estimate"][0]
    assert 0.2 < power < 0.8
    assert abs(few["estimate"][0] - power) < 4.5 * sqrt(power * (1 - power) / 60)


def test_other_truths_are_analysed_study_by_study():
    assert not RemissionLogRank().takes(EPILEPSY_CLINIC)
    assert RemissionLogRank().takes(HAMD_STUDY)


def test_times_that_are_no_visits_are_refused():
    study = simulate(HAMD_STUDY, subjects=20, seed=1)
    unscheduled = replace(study, ratings=study.ratings.with_columns(visit=pl.lit(None, dtype=pl.String)))
    with pytest.raises(EstimationError, match="20 of 20 times end at an unscheduled rating"):
        RemissionLogRank()(unscheduled)
