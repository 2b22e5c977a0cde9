"""A sequenced truth that contradicts itself does not exist."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cohort.errors import TruthError
from synthetic_data.presets import STARD_2006
from synthetic_data.sequenced.design import Calendar, FollowUp, Unfair
from synthetic_data.sequenced.options import StepDrug, StepOption
from synthetic_data.succession.frailty import Beta
from synthetic_data.succession.truth import Succession

DRUG = StepDrug(drug="sertraline", drug_class="SSRI", starting_dose=50, minimum_dose=50, usual_dose=150)
OTHER = replace(DRUG, drug="lithium")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": "MADRS"}, "scale is 'MADRS'"),
        ({"options": STARD_2006.options[:3]}, "options has 3 entries; expected 4"),
        ({"options": STARD_2006.options[1:2] * 4}, "step 1 augments"),
        ({"ages": (75, 18)}, "ages is"),
        ({"share_female": 1.5}, "share_female is 1.5"),
        ({"share_recurrent": -0.1}, "share_recurrent is"),
        ({"episode_days": 0.0}, "episode_days is 0"),
        ({"symptoms": replace(STARD_2006.symptoms, improvement=(1.0,))}, "improvement has 1 entries"),
        ({"symptoms": replace(STARD_2006.symptoms, baseline_range=(5, 27))}, "baseline_range"),
        ({"follow_up": FollowUp(relapse=(0.4,), relapse_months=(3.0,) * 4)}, "relapse has 1 entries"),
        ({"follow_up": FollowUp(relapse=(0.4,) * 4, relapse_months=(3.0,))}, "relapse_months has 1 entries"),
    ],
)
def test_a_truth_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(TruthError, match=message):
        replace(STARD_2006, **change)


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (Calendar, {"jitter": 4}, "jitter is 4"),
        (Calendar, {"weeks": (4, 2)}, "weeks are"),
        (Calendar, {"full_days": (60, 98)}, "full_days begin at 60; expected 70"),
        (Calendar, {"short_days": (20, 10)}, "short_days"),
        (Calendar, {"remission_by_visit": (0.5, 0.5)}, "remission_by_visit has 2 entries"),
        (Calendar, {"remission_by_visit": (0.5, 0.5, 0.5, 0.0, 0.0)}, "adds up to 1.5"),
        (Unfair, {"dose": 0.5}, "add up to 1.1"),
        (Unfair, {"poor": (0.5, 1.5)}, "poor is"),
        (FollowUp, {"relapse": (1.2,), "relapse_months": (3.0,)}, "relapse after step 1 is 1.2"),
        (FollowUp, {"relapse": (0.2,), "relapse_months": (13.0,)}, "relapse_months after step 1 is 13"),
        (FollowUp, {"relapse": (0.2,), "relapse_months": (3.0,), "dropout": -1}, "dropout is -1"),
        (FollowUp, {"relapse": (0.2,), "relapse_months": (3.0,), "rating_sd": -1}, "rating_sd is -1"),
    ],
)
def test_a_part_that_contradicts_itself_is_refused(make, changes, message):
    with pytest.raises(TruthError, match=message):
        make(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"baseline_sd": 0.0}, "baseline_sd is 0"),
        ({"noise_sd": -1.0}, "noise_sd is -1"),
        ({"persistence": 1.5}, "persistence is 1.5"),
        ({"severity": -0.2}, "severity is -0.2"),
        ({"baseline_mean": math.nan}, "not finite"),
        ({"companion_missing": 2.0}, "companion_missing is 2"),
    ],
)
def test_symptoms_that_contradict_themselves_are_refused(changes, message):
    with pytest.raises(TruthError, match=message):
        replace(STARD_2006.symptoms, **changes)


def test_options_that_make_no_sense_are_refused():
    with pytest.raises(TruthError, match="kind is 'stop'"):
        StepOption(kind="stop", drugs=(DRUG,), share=1.0)
    with pytest.raises(TruthError, match="no drug"):
        StepOption(kind="switch", drugs=(), share=1.0)
    with pytest.raises(TruthError, match="names a drug twice"):
        StepOption(kind="switch", drugs=(DRUG, DRUG), share=1.0)
    with pytest.raises(TruthError, match="minimum and usual dose of sertraline"):
        replace(DRUG, minimum_dose=200)
    with pytest.raises(TruthError, match="dose of sertraline is 0"):
        replace(DRUG, starting_dose=0)
    offered = (
        StepOption(kind="switch", drugs=(DRUG,), share=0.5),
        StepOption(kind="switch", drugs=(OTHER,), share=0.4),
    )
    first = (StepOption(kind="switch", drugs=(DRUG,), share=1.0),)
    two = replace(
        STARD_2006,
        succession=Succession(frailty=Beta(1.0, 1.0), steps=2),
        options=(first, first),
        symptoms=replace(STARD_2006.symptoms, improvement=(3.0, 3.0)),
        follow_up=FollowUp(relapse=(0.0, 0.0), relapse_months=(3.0, 3.0)),
    )
    with pytest.raises(TruthError, match=r"step 2 add up to 0\.9"):
        replace(two, options=(first, offered))
    with pytest.raises(TruthError, match=r"step 2 adds .*sertraline"):
        replace(two, options=(first, (StepOption(kind="augmentation", drugs=(DRUG,), share=1.0),)))
