"""Operating characteristics: the same studies whoever makes them, nothing lost, and the right numbers."""

import sys
from dataclasses import dataclass, replace
from functools import partial
from math import inf

import numpy as np
import polars as pl
import pytest

import analyses
import cohort
import synthetic_data
from analyses.estimates.result import estimates_frame
from analyses.plan.replicate import power_curve, progress, replicate
from analyses.plan.replication.chunks import progress_line
from analyses.plan.replication.tasks import OneByOne, replicate_seed
from cohort.criteria import HAMD17_REMISSION
from cohort.errors import CohortError, EstimationError
from synthetic_data import HAMD_STUDY

STAYS = replace(HAMD_STUDY, dropout_intercepts=(-inf,) * 4)
CALLS = {"made": 0, "stop at": None}


def silent(line):
    pass


run = partial(replicate, say=silent)


def mean_baseline(study):
    """The mean baseline score of the control arm, with Wald limits and a p value for a mean of 17."""
    CALLS["made"] += 1
    if CALLS["made"] == CALLS["stop at"]:
        raise KeyboardInterrupt
    control = study.subjects.filter(arm="placebo")["subject_id"].to_list()
    scores = study.ratings.filter(pl.col("subject_id").is_in(control), visit="baseline")["score"].to_numpy()
    mean, error = float(scores.mean()), float(scores.std(ddof=1) / np.sqrt(len(scores)))
    named = {"criterion": "HAMD17", "term": "baseline", "group": "placebo", "at": 0.0, "statistic": "mean"}
    return estimates_frame(
        [named | {"estimate": mean, "std_error": error, "conf_low": mean - 2 * error, "conf_high": mean + 2 * error}]
    )


def sometimes(study):
    if int(study.ratings["score"].sum()) % 3 == 0:
        raise EstimationError("the sum of all scores can be divided by three")
    return mean_baseline(study)


def shares(study):
    wanted = HAMD17_REMISSION.at("week 6")
    data = study.subjects.join(cohort.classify(study, wanted), on="subject_id")
    return analyses.risk_differences(data, undetermined="not met")


def constant(study):
    return estimates_frame([{"statistic": "answer", "estimate": 42.0}])


@pytest.fixture(autouse=True)
def never_stopped():
    CALLS.update({"made": 0, "stop at": None})


def test_a_replicate_is_the_study_of_its_own_seed():
    found = run(STAYS, mean_baseline, 3, seed=7, subjects=20)
    alone = [
        mean_baseline(synthetic_data.simulate(STAYS, subjects=20, seed=replicate_seed(7, r)))["estimate"][0]
        for r in range(3)
    ]
    assert found.value("mean estimate") == pytest.approx(np.mean(alone), rel=1e-15)
    assert found.value("empirical standard error") == pytest.approx(np.std(alone, ddof=1), rel=1e-15)


def test_seeds_never_repeat():
    seeds = {replicate_seed(seed, r) for seed in range(20) for r in range(500)}
    assert len(seeds) == 20 * 500


def test_the_number_of_processes_changes_no_bit():
    alone = run(STAYS, mean_baseline, 60, seed=3, subjects=10)
    together = run(STAYS, mean_baseline, 60, seed=3, subjects=10, workers=2)
    assert alone.frame.equals(together.frame)
    assert alone.notes == together.notes


def test_a_true_mean_is_found_without_bias_and_covered():
    found = run(STAYS, mean_baseline, 200, seed=5, subjects=40)
    assert found.value("true value") == pytest.approx(
        STAYS.estimates().filter(statistic="mean", term="baseline", group="placebo")["estimate"][0]
    )
    bias = found.frame.filter(statistic="bias")
    assert abs(bias["estimate"][0]) < 4.5 * bias["std_error"][0]
    covered = found.frame.filter(statistic="coverage")
    assert abs(covered["estimate"][0] - 0.94) < 4.5 * np.sqrt(0.05 * 0.95 / 200)
    assert covered["n"][0] == 200
    assert found.value("standard error ratio") == pytest.approx(1, abs=4.5 / np.sqrt(400))
    assert found.frame.filter(statistic="power").is_empty()  # a mean has no null value and no p value here


def test_a_study_without_an_estimate_is_counted_and_not_dropped_in_silence():
    found = run(STAYS, sometimes, 40, seed=1, subjects=10)
    rest = int(found.value("replicates"))
    assert 0 < rest < 40
    assert any(
        note.startswith(f"{40 - rest} of 40 replicates have no estimate") and "divided by three" in note
        for note in found.notes
    )
    assert found.frame.filter(statistic="coverage")["n"][0] == rest


def test_an_analysis_that_never_answers_is_refused():
    with pytest.raises(EstimationError, match="none of 3 replicates has an estimate"):
        run(STAYS, refuses, 3, seed=1, subjects=10)


def refuses(study):
    raise EstimationError("never")


def test_labels_are_matched_as_asked():
    plain = run(STAYS, shares, 4, seed=1, subjects=20)
    assert plain.frame.filter(statistic="bias").is_empty()
    assert any("no true value" in note for note in plain.notes)
    match = {"at": None, "term": {"non-responder imputation": "had nobody left"}}
    found = run(STAYS, shares, 4, seed=1, subjects=20, match=match)
    wanted = STAYS.estimates().filter(statistic="risk difference", criterion=HAMD17_REMISSION.at("week 6").label)
    assert found.value("true value", analysis="risk difference", group="drug") == wanted["estimate"][0]
    with pytest.raises(EstimationError, match="more than one true value"):
        run(STAYS, shares, 4, seed=1, subjects=20, match={"at": None, "term": None, "criterion": None})
    with pytest.raises(EstimationError, match="match names 'place'"):
        run(STAYS, shares, 4, seed=1, subjects=20, match={"place": None})


def test_rejections_are_errors_where_there_is_no_effect_and_power_where_there_is():
    match = {"at": None, "term": None}
    none = replace(STAYS, means=(STAYS.means[0],) * 2)
    with_effect, without = (run(truth, shares, 5, 1, subjects=20, match=match) for truth in (STAYS, none))
    assert with_effect.frame.filter(statistic="power").height == 1
    assert without.frame.filter(statistic="type I error").height == 1
    assert without.frame.filter(statistic="power").is_empty()


def test_rows_that_cannot_be_told_apart_are_refused():
    def twice(study):
        return pl.concat([constant(study)] * 2)

    with pytest.raises(EstimationError, match="2 rows whose labels do not tell them apart"):
        run(STAYS, twice, 2, seed=1, subjects=10)


def test_two_analyses_in_one_frame_keep_their_names():
    def both(study):
        return pl.concat([constant(study).with_columns(analysis=pl.lit(name)) for name in ("naive", "robust")])

    found = run(STAYS, both, 2, seed=1, subjects=10)
    assert found.frame["analysis"].unique().sort().to_list() == ["naive: answer", "robust: answer"]


class TestFolder:
    def test_a_killed_run_goes_on_where_it_was(self, tmp_path):
        whole = run(STAYS, mean_baseline, 80, seed=2, subjects=10)
        CALLS.update({"made": 0, "stop at": 60})
        with pytest.raises(KeyboardInterrupt):
            run(STAYS, mean_baseline, 80, seed=2, subjects=10, folder=tmp_path / "run")
        assert len(list((tmp_path / "run").glob("replicates_*.parquet"))) == 2  # chunks of 25
        CALLS.update({"made": 0, "stop at": None})
        again = run(STAYS, mean_baseline, 80, seed=2, subjects=10, folder=tmp_path / "run")
        assert CALLS["made"] == 30
        assert again.frame.equals(whole.frame)
        assert not list((tmp_path / "run").glob("*.part"))

    def test_more_replicates_can_be_added(self, tmp_path):
        run(STAYS, mean_baseline, 50, seed=2, subjects=10, folder=tmp_path)
        CALLS["made"] = 0
        more = run(STAYS, mean_baseline, 60, seed=2, subjects=10, folder=tmp_path)
        assert CALLS["made"] == 10
        assert more.frame.equals(run(STAYS, mean_baseline, 60, seed=2, subjects=10).frame)

    @pytest.mark.parametrize(
        ("changed", "named"),
        [
            ({"seed": 3}, "seed was 2, now 3"),
            ({"subjects": 12}, "subjects was 10, now 12"),
            ({"truth": replace(STAYS, share_female=0.5)}, "'truth' differ"),
            ({"analysis": constant}, "'analysis' differ"),
        ],
    )
    def test_the_folder_of_another_run_is_refused(self, tmp_path, changed, named):
        call = {"truth": STAYS, "analysis": mean_baseline, "n": 2, "seed": 2, "subjects": 10, "folder": tmp_path}
        run(**call)
        with pytest.raises(CohortError, match=named):
            run(**call | changed)

    def test_what_an_analysis_carries_along_is_part_of_it(self):
        def closing_over(value):
            return lambda study: value

        pairs = [
            (Always(1), Always(2)),
            (Always(1).__call__, Always(2).__call__),
            (partial(constant, 1), partial(constant, 2)),
            (closing_over(1), closing_over(2)),
            (constant, sometimes),
        ]
        for one, other in pairs:
            first, again, second = (OneByOne(STAYS, analysis, 1, 10).described() for analysis in (one, one, other))
            assert first == again
            assert first != second

    def test_a_folder_with_something_else_in_it_is_refused(self, tmp_path):
        (tmp_path / "thesis.txt").write_text("important")
        with pytest.raises(CohortError, match=r"holds 1 files that are no replicates: 'thesis\.txt'"):
            run(STAYS, constant, 2, seed=2, subjects=10, folder=tmp_path)


class TestOtherProcesses:
    @pytest.mark.parametrize(
        "analysis",
        [lambda _: estimates_frame([{"statistic": "answer", "estimate": 42.0}]), partial(lambda _, s: constant(s), 1)],
    )
    def test_what_they_cannot_have_is_refused_with_a_way_out(self, analysis):
        with pytest.raises(CohortError, match="pass workers=1"):
            run(STAYS, analysis, 60, seed=1, subjects=10, workers=2)
        assert run(STAYS, analysis, 2, seed=1, subjects=10, workers=1).value("mean estimate") == 42


class TestProgress:
    def test_a_scheduled_run_is_silent(self, capsys):
        replicate(STAYS, constant, 2, seed=1, subjects=10)
        assert capsys.readouterr() == ("", "")

    def test_a_person_sees_how_fast_it_goes_and_how_long_it_takes(self, monkeypatch, capsys):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        progress(progress_line(1500, 10_000, 4.0))
        assert "1,500 of 10,000 replicates, 4.0 a second, 35 min 25 s left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": 2.0}, "n is 2.0"),
        ({"subjects": 0}, "subjects is 0"),
        ({"alpha": 5}, "alpha is 5"),
        ({"workers": 0}, "workers is 0"),
    ],
)
def test_numbers_without_sense_are_refused(wrong, words):
    with pytest.raises(CohortError, match=words):
        run(**{"truth": STAYS, "analysis": constant, "n": 2, "seed": 1, "subjects": 10} | wrong)


@dataclass(frozen=True)
class Always:
    """A test that rejects where the study is large enough."""

    enough: int

    def __call__(self, study):
        p = 0.01 if study.subjects.height >= self.enough else 0.5
        named = {"criterion": "c", "term": "t", "group": "drug", "reference": "placebo"}
        return estimates_frame([named | {"statistic": "risk difference", "estimate": 0.1, "p_value": p}])


class TestPowerCurve:
    def test_over_sample_sizes_and_truths(self):
        found = power_curve({"a": STAYS, "b": HAMD_STUDY}, Always(20), 3, 1, subjects=[10, 20], say=silent).frame
        assert found.select("group", "at", "estimate", "events", "n").rows() == [
            ("a", 10.0, 0.0, 0, 3), ("a", 20.0, 1.0, 3, 3), ("b", 10.0, 0.0, 0, 3), ("b", 20.0, 1.0, 3, 3)
        ]  # fmt: skip
        assert found["term"].unique().to_list() == ["t, drug v placebo"]
        assert found["analysis"].unique().to_list() == ["risk difference"]

    def test_over_a_parameter(self):
        truths = {shift: replace(STAYS, dropout_slope=shift) for shift in (0.0, 0.1)}
        found = power_curve(truths, Always(10), 3, 1, subjects=10, say=silent).frame
        assert found.select("group", "at", "estimate").rows() == [("10 subjects", 0.0, 1.0), ("10 subjects", 0.1, 1.0)]

    def test_is_the_power_of_each_design(self, tmp_path):
        curve = power_curve(STAYS, shares, 6, 1, subjects=[10, 20], folder=tmp_path, say=silent).frame
        for size in (10, 20):
            alone = run(STAYS, shares, 6, 1, subjects=size).frame.filter(statistic="power")
            assert curve.filter(at=size)["estimate"].to_list() == alone["estimate"].to_list()
        assert len(list(tmp_path.iterdir())) == 2

    @pytest.mark.parametrize("truths", [{}, {"a": STAYS, 1.0: STAYS}])
    def test_designs_that_make_no_curve_are_refused(self, truths):
        with pytest.raises(CohortError):
            power_curve(truths, constant, 2, 1, subjects=10)
