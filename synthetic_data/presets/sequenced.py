"""Sequenced treatment of depression after STAR*D, by its own report and by the reanalysis."""

from __future__ import annotations

from dataclasses import replace

from synthetic_data.sequenced.design import FollowUp, Symptoms
from synthetic_data.sequenced.options import Options, StepDrug, StepOption
from synthetic_data.sequenced.truth import SequencedTruth
from synthetic_data.succession.frailty import LogitNormal
from synthetic_data.succession.truth import RiskFactor, Succession


def _drug(drug: str, drug_class: str, starting: float, minimum: float, usual: float) -> StepDrug:
    return StepDrug(drug=drug, drug_class=drug_class, starting_dose=starting, minimum_dose=minimum, usual_dose=usual)


_CITALOPRAM = _drug("citalopram", "SSRI", 20, 20, 40)
_SERTRALINE = _drug("sertraline", "SSRI", 50, 50, 150)
_BUPROPION = _drug("bupropion", "NDRI", 150, 300, 300)
_VENLAFAXINE = _drug("venlafaxine", "SNRI", 37.5, 150, 225)
_BUSPIRONE = _drug("buspirone", "augmenting agent", 15, 30, 45)
_MIRTAZAPINE = _drug("mirtazapine", "NaSSA", 15, 15, 45)
_NORTRIPTYLINE = _drug("nortriptyline", "TCA", 25, 75, 100)
_LITHIUM = _drug("lithium", "augmenting agent", 450, 600, 900)
_T3 = _drug("triiodothyronine", "augmenting agent", 0.025, 0.025, 0.05)
_TRANYLCYPROMINE = _drug("tranylcypromine", "MAOI", 10, 30, 40)


def _switch(share: float, *drugs: StepDrug) -> StepOption:
    return StepOption(kind="switch", drugs=drugs, share=share)


def _add(share: float, drug: StepDrug) -> StepOption:
    return StepOption(kind="augmentation", drugs=(drug,), share=share)


_OPTIONS: Options = (
    (_switch(1.0, _CITALOPRAM),),
    (
        _switch(238 / 1292, _SERTRALINE),
        _switch(239 / 1292, _BUPROPION),
        _switch(250 / 1292, _VENLAFAXINE),
        _add(279 / 1292, _BUPROPION),
        _add(286 / 1292, _BUSPIRONE),
    ),
    (
        _switch(114 / 377, _MIRTAZAPINE),
        _switch(121 / 377, _NORTRIPTYLINE),
        _add(69 / 377, _LITHIUM),
        _add(73 / 377, _T3),
    ),
    (_switch(58 / 109, _TRANYLCYPROMINE), _switch(51 / 109, _VENLAFAXINE, _MIRTAZAPINE)),
)

_OTHER_EXIT = 0.1


def _leaving(reached: tuple[int, ...], remission: tuple[float, ...]) -> tuple[float, ...]:
    """Return the chances of leaving after each step but the last that make so many reach the next."""
    pairs = zip(reached, reached[1:], remission, strict=False)
    return tuple(1 - after / before / (1 - share - _OTHER_EXIT) for before, after, share in pairs)


_SUCCESSION = Succession(
    frailty=LogitNormal(mean=0.6707946252592242, sd=1.0),
    steps=4,
    dependence=0.3,
    step_log_odds=(0.0, 0.06432710973488769, -0.91776214953281, -0.40868986845821614),
    intolerance=(0.163, 0.195, 0.256, 0.341),
    inadequate=(0.1,) * 4,
    other_exit=(_OTHER_EXIT,) * 4,
    leaving=_leaving((3671, 1439, 390, 123), (1346 / 3671, 439 / 1439, 53 / 390)),
    risk_factors=(RiskFactor(name="anxious_features", levels=("no", "yes"), share=0.532, log_odds=-0.56),),
)

STARD_2006 = SequencedTruth(
    name="stard_2006",
    title="Simulated sequenced treatment of depression, after STAR*D",
    succession=_SUCCESSION,
    options=_OPTIONS,
    symptoms=Symptoms(
        baseline_mean=15.4,
        baseline_sd=4.8,
        baseline_range=(6, 27),
        improvement=(10.8, 3.4, 3.2, 2.4),
        improvement_sd=7.0,
        persistence=0.5,
        severity=0.45,
        remission_mean=4.0,
        companion_missing=0.24,
    ),
    follow_up=FollowUp(relapse=(0.401, 0.553, 0.646, 0.711), relapse_months=(4.1, 3.6, 3.1, 3.3), dropout=0.1),
)
"""STAR*D as its investigators report it: Rush AJ et al. Am J Psychiatry 2006;163:1905-17.

Confirmed there: remission by QIDS-SR16 <= 5 at the exit in 1346 of 3671, 439 of 1439, 13.7 percent of 390 and 13.0
percent of 123 (53 and 16 follow from the shares); relapse as QIDS-SR16 >= 11; relapse from 40 to 71 percent. These
shares and the four numbers who start come out exactly. From memory and not confirmed: intolerance 16.3, 19.5, 25.6,
34.1 percent; response 48.6, 28.5, 16.8, 16.3 percent of those who started a step; relapse of 40.1, 55.3, 64.6, 71.1
percent after 4.1, 3.6, 3.1, 3.3 months on average, here the risk within a year had nobody dropped out (the published
shares are crude, and some who entered follow-up had not remitted).

What makes later steps succeed less. Differences between subjects alone, a beta distribution, do not fit the four
shares (chi-square 24.6 on 2 degrees of freedom): the third step falls too fast. Records cannot tell a failure that
makes the next treatment worse from a later treatment that is weaker. By convention, log odds of subjects' chances have
a standard deviation of 1, and a failure takes 0.3 from them; what then remains of the fall is given to the steps
(`step_log_odds`, fitted so that the shares come out). With these, step 2 is as good as step 1; steps 3 and 4 are
weaker.

Anxious features: 53.2 percent (Fava M et al. Am J Psychiatry 2008;165:342-51). Their log odds of -0.56, those of
remission in 22 against 33 percent (from memory), are a convention: among subjects who differ, and with treatments
that are not tolerated or no fair test, they make 33 against 41 percent at step 1. Leaving: 26 percent of the 4041
enrolled left step 1 for non-medical reasons, a third of them at once, before anything could be analysed; how many of
the others are counted as intolerant is not known. By convention 10 percent leave during each step; the others who did
not go on left between steps, so many that 1439, 390 and 123 of 3671 start steps 2 to 4. One in ten treatments is no
fair test: a convention.

Scores: QIDS-SR16 at entry 15.4 (SD 4.8), as in 2,280 of the subjects (Acta Psychiatr Scand 2015;131:51-60, table 2,
which has exits of 9.5, 10.5, 13.1 and 12.3, SD 6.5); nobody enters in remission, which holds the mean a little higher.
The other parameters were fitted to the shares in response. HAM-D17: missing at 24 percent of the exits, from memory.
First in remission at weeks 2 to 12: a convention, by which half of those who remit do so within 6 weeks, as published.
Options of steps 2 to 4 have the shares of those randomized to them (the same paper by Fava for step 2; cited for steps
3 and 4); cognitive therapy is left out, and that all options of a step do equally well is a convention. Minimum doses:
thresholds of the Antidepressant Treatment History Form and the Massachusetts General Hospital questionnaire, from
memory; other doses, dropout from follow-up (10 percent a month), age, sex, recurrence and the length of the episode
are conventions.
"""

STARD_2023 = replace(
    STARD_2006,
    name="stard_2023",
    title="Simulated sequenced treatment of depression, after the reanalysis of STAR*D",
    scale="HAMD17",
    succession=replace(
        _SUCCESSION,
        frailty=LogitNormal(mean=-0.13795632043292494, sd=1.0),
        leaving=(0.4241694477725807, 0.6228061969986431, 0.5648168831950464),
    ),
    symptoms=Symptoms(
        baseline_mean=21.8,
        baseline_sd=5.2,
        baseline_range=(14, 52),
        improvement=(15.1, 4.8, 4.5, 3.4),
        improvement_sd=9.8,
        persistence=0.5,
        severity=0.45,
        remission_mean=5.5,
        remission_sd=2.7,
        noise_sd=2.8,
        companion_sd=2.5,
    ),
    follow_up=replace(STARD_2006.follow_up, remission_drift=1.4, rating_sd=3.5, relapse_mean=17.0),
)
"""A scenario after the reanalysis: Pigott HE et al. BMJ Open 2023;13:e063095, which keeps to the study's own protocol.

Its primary outcome is the HAM-D17 (7 or less), its cumulative remission 35.0 percent against 67. Whom it left out is
disputed (Rush AJ et al. Am J Psychiatry 2023, letter): 561 of 3671, 297 of 1439, 80 of 377, 3 of 109. Analysed are
thus 3110, 1142, 297 and 106, and so many start the steps here. Remission by step is not used: one shift of all log
odds, -0.8088 against `STARD_2006`, makes 35.0 percent remit at one of the exits. That the shift is the same at every
step, that intolerance, relapse and frailty are those of `STARD_2006`, that nobody enters below a HAM-D17 of 14, and the
scores (those of `STARD_2006` times 1.4; 21.8, SD 5.2, at entry from memory) are conventions. So is that the HAM-D17 is
rated at all visits: in STAR*D it was at entry and exit.
"""
