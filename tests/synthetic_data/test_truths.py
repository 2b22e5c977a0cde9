"""A truth that contradicts itself does not exist; one that does not gives its answers in the ESTIMATES shape."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import polars as pl
import pytest

from cohort.errors import TruthError
from cohort.schemas import ESTIMATES
from synthetic_data.clinic.findings import Antibody, Marker, Network
from synthetic_data.clinic.lengths import Length, Lengths
from synthetic_data.clinic.truth import Prescription, Relapse, Syndrome, Therapy, Titration
from synthetic_data.presets import EPILEPSY_CLINIC, HAMD_STUDY, PRESETS
from synthetic_data.simulation import simulate
from synthetic_data.succession.frailty import Beta
from synthetic_data.succession.truth import RiskFactor, Succession

FLAT = tuple((1.0,) * 5 for _ in range(5))
ONLY_FOCAL = Prescription(
    drug="carbamazepine", starting_dose=200, daily_dose=800, unsuited=("juvenile myoclonic epilepsy",)
)
SURGERY = Therapy(name="resection", kind="surgery", chance=0.5, response=0.8, freedom=0.6, epilepsy_types=("focal",))
CRP = Marker(finding="hs-CRP", unit="mg/L", log_mean=0.0, log_sd=1.0)
SEX = RiskFactor(name="sex", levels=("F", "M"), share=0.5, log_odds=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arms": ("drug", "drug")}, "expected two names"),
        ({"visits": ("baseline",) * 5}, "all different"),
        ({"means": ((17.0,) * 5,)}, "means has 1 entries; expected 2"),
        ({"means": ((17.0,) * 4, (17.0,) * 5)}, "means of placebo has 4 entries; expected 5"),
        ({"means": ((17.0,) * 5, (17.0, nan, 1.0, 1.0, 1.0))}, "means of drug: 1 values are not finite"),
        ({"covariance": FLAT[:4]}, "5 by 5"),
        ({"covariance": ((1.0, 2.0, 1.0, 1.0, 1.0), *FLAT[1:])}, "not symmetric"),
        ({"covariance": ((-1.0, 1.0, 1.0, 1.0, 1.0), *FLAT[1:])}, "negative eigenvalue"),
        ({"covariance": ((nan, 1.0, 1.0, 1.0, 1.0), *FLAT[1:])}, "not finite"),
        ({"dropout_intercepts": (-2.0,) * 5}, "dropout_intercepts has 5 entries; expected 4"),
        ({"dropout_intercepts": (inf, -2.0, -2.0, -2.0)}, "dropout_intercepts"),
        ({"dropout_slope": nan}, "dropout_slope"),
        ({"visit_days": (1, 7, 14, 28, 42)}, "visit_days begin at 1"),
        ({"visit_days": (0, 7, 7, 28, 42)}, "can swap or meet"),
        ({"day_jitter": 4}, r"1 pairs of visit days can swap or meet with a jitter of 4: \(7, 14\)"),
        ({"day_jitter": -1}, "day_jitter is -1"),
        ({"share_female": 1.2}, "share_female is 1.2"),
    ],
)
def test_a_hamd_truth_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(TruthError, match=message):
        replace(HAMD_STUDY, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reduction": 1.5}, "reduction is 1.5"),
        ({"combined": nan}, "combined is nan"),
        ({"combined_from": 1}, "combined_from is 1; expected 2"),
        ({"succession": Succession(frailty=Beta(1.0, 1.0), steps=4)}, "3 drugs that suit focal epilepsy cannot fill 4"),
        ({"prescriptions": ()}, "0 drugs that suit focal epilepsy cannot fill 3 treatments"),
        ({"prescriptions": (EPILEPSY_CLINIC.prescriptions[0],) * 3}, "listed twice"),
        ({"prescriptions": (*EPILEPSY_CLINIC.prescriptions[:2], ONLY_FOCAL)}, "2 drugs that suit juvenile myoclonic"),
        ({"syndromes": EPILEPSY_CLINIC.syndromes[:1]}, "add up to 0.6; expected 1"),
        (
            {"syndromes": (replace(EPILEPSY_CLINIC.syndromes[0], share=1.0),), "prescriptions": (ONLY_FOCAL,)},
            "no syndromes",
        ),
        ({"adherence": (0.5, 1.1)}, "adherence"),
        ({"lag_days": -1}, "lag_days is -1"),
        ({"sustained_days": 0}, "sustained_days is 0"),
        ({"follow_up_days": 3284}, "too few to decide 3 treatments; expected 3285 or more"),  # 3 courses of 1095
        ({"sustained_days": 1700}, "expected 3919 or more"),  # 2 courses, a lag of 28, 1701 days
        ({"therapies": (SURGERY,)}, "too few to decide 3 treatments; expected 3859 or more"),  # 3 courses, 180, 28, 366
        ({"therapies": (SURGERY,) * 2, "follow_up_days": 5000}, "a therapy is listed twice"),
        (
            {"therapies": (replace(SURGERY, results=("lesion",)),), "follow_up_days": 5000},
            r"\['lesion'\], which nobody",
        ),
        ({"therapies": (replace(SURGERY, antibody=True),), "follow_up_days": 5000}, "need a positive antibody"),
        ({"markers": (CRP, CRP)}, "a finding is named twice"),
        ({"succession": replace(EPILEPSY_CLINIC.succession, risk_factors=(SEX,))}, r"names \['sex'\]"),
    ],
)
def test_a_clinic_truth_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(TruthError, match=message):
        replace(EPILEPSY_CLINIC, **change)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Syndrome(name="x", epilepsy_type="unknown", share=1.0), "expected 'focal' or 'generalized'"),
        (lambda: Titration(days=-1), "titration takes -1 days"),
        (lambda: Titration(days=3, rises=4), "do not fit"),
        (lambda: Relapse(per_year=-0.1), "relapses per year"),
        (lambda: Relapse(residual=1.1), "residual is 1.1"),
        (lambda: Length(shape=0.0, scale=1.0, shortest=1, longest=2), "expected positive numbers"),
        (lambda: Length(shape=1.0, scale=1.0, shortest=3, longest=2), "shortest and longest"),
        (lambda: Lengths(too_early=(0, 3)), "too_early"),
        (lambda: replace(SURGERY, epilepsy_types=("focal", "generalized")), "suits no generalized epilepsy"),
        (lambda: replace(SURGERY, freedom=0.9), "more become free than respond"),
        (lambda: replace(SURGERY, kind="drug"), "expected one of"),
        (lambda: Network(results=("a", "b"), focal=(0.5, 0.4), generalized=(1.0, 0.0)), "add up to 0.9"),
        (lambda: replace(CRP, log_sd=-1.0), "log_sd of hs-CRP"),
        (lambda: Antibody(finding="x", share=2.0), "share of x is 2.0"),
    ],
)
def test_a_part_of_a_clinic_that_contradicts_itself_is_refused(make, message):
    with pytest.raises(TruthError, match=message):
        make()


@pytest.mark.parametrize(("first", "second"), [(0, 100), (200, 100), (100, inf), (nan, 100)])
def test_a_prescription_needs_rising_positive_doses(first, second):
    with pytest.raises(TruthError, match="topiramate: doses"):
        Prescription(drug="topiramate", starting_dose=first, daily_dose=second)


def test_a_preset_s_name_is_not_a_truth():
    with pytest.raises(TruthError, match="truth is a str; expected one of"):
        simulate("hamd", subjects=10, seed=1)


@pytest.mark.parametrize("subjects", [0, -1, 2.5, True, "10"])
def test_subjects_must_be_a_count(subjects):
    with pytest.raises(TruthError, match="subjects is"):
        simulate(HAMD_STUDY, subjects=subjects, seed=1)


@pytest.mark.parametrize("seed", [-1, 1.0, None])
def test_seed_must_be_a_whole_number(seed):
    with pytest.raises(TruthError, match="seed is"):
        simulate(HAMD_STUDY, subjects=10, seed=seed)


@pytest.mark.parametrize("name", PRESETS)
def test_answers_have_the_shape_of_estimates_and_no_number_twice(name):
    frame = PRESETS[name].estimates()
    assert frame.schema == ESTIMATES.schema
    assert frame["estimate"].is_finite().all()
    assert (
        not frame.select("population", "criterion", "term", "group", "reference", "at", "statistic")
        .is_duplicated()
        .any()
    )


def test_differences_are_differences_of_the_arms():
    frame = HAMD_STUDY.estimates()
    pairs = {"risk difference": "share", "mean difference": "mean", "mean change difference": "mean change"}
    keys = ["criterion", "term", "statistic"]
    contrasts = frame.filter(pl.col("reference") == "placebo").with_columns(pl.col("statistic").replace_strict(pairs))
    for arm in ("drug", "placebo"):
        values = frame.filter(pl.col("group") == arm, pl.col("reference").is_null())
        contrasts = contrasts.join(values.select(*keys, pl.col("estimate").alias(f"of {arm}")), on=keys)
    assert contrasts.height == 5 + 4 + 4 + 4
    apart = contrasts["of drug"] - contrasts["of placebo"] - contrasts["estimate"]
    assert apart.abs().max() < 1e-12


def test_an_arm_without_effect_has_no_risk_difference():
    null = replace(HAMD_STUDY, means=(HAMD_STUDY.means[0],) * 2)
    frame = null.estimates().filter(pl.col("reference").is_not_null())
    assert frame["estimate"].abs().max() == 0


def test_clinic_answers_are_those_of_those_who_start():
    frame = EPILEPSY_CLINIC.estimates()
    freedom = frame.filter(criterion="sustained seizure freedom (ILAE 2010)", statistic="share")
    # Chen 2018: 820 of 1795, 208 of 742, 78 of 330
    assert freedom.filter(pl.col("group").is_not_null(), pl.col("term").is_null())[
        "estimate"
    ].to_list() == pytest.approx([820 / 1795, 208 / 742, 78 / 330], abs=1e-12)
    started = frame.filter(criterion="treatment started")["estimate"].to_list()
    assert started == pytest.approx([1, 975 / 1795, 975 / 1795 * 534 / 742], abs=1e-12)
    assert freedom.filter(term="any treatment")["estimate"].item() == pytest.approx(
        1 - 975 / 1795 * 534 / 742 * 252 / 330, abs=1e-12
    )
