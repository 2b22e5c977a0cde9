"""Clinics after published cohorts of newly treated epilepsy, and one with every mechanism on."""

from __future__ import annotations

from math import log

from synthetic_data.clinic.findings import Antibody, Marker, Network
from synthetic_data.clinic.truth import ClinicTruth, Prescription, Relapse, Therapy, Titration
from synthetic_data.diary.truth import Diary
from synthetic_data.succession.frailty import Beta, LogitNormal
from synthetic_data.succession.truth import RiskFactor, Succession

_INTOLERANCE = 504 / 3241
_CHEN_2018 = (820 / 1795, 208 / 742, 78 / 330)
_JME = ("juvenile myoclonic epilepsy",)

DRUGS = (
    Prescription(drug="levetiracetam", starting_dose=500, daily_dose=1500),
    Prescription(drug="lamotrigine", starting_dose=50, daily_dose=200),
    Prescription(drug="valproate", starting_dose=500, daily_dose=1000),
    Prescription(drug="topiramate", starting_dose=50, daily_dose=200),
    Prescription(drug="zonisamide", starting_dose=50, daily_dose=200),
    Prescription(drug="perampanel", starting_dose=2, daily_dose=6),
    Prescription(drug="clobazam", starting_dose=5, daily_dose=20),
    Prescription(drug="phenobarbital", starting_dose=30, daily_dose=100),
    Prescription(drug="carbamazepine", starting_dose=200, daily_dose=800, unsuited=_JME),
    Prescription(drug="oxcarbazepine", starting_dose=300, daily_dose=900, unsuited=_JME),
)
"""Ten drugs. Maintenance doses are at or above half of the WHO's defined daily dose (1500, 300, 1500, 300, 200, 8, 20,
100, 1000, 1000 mg), starting doses below; the doses themselves are conventions. Carbamazepine and oxcarbazepine
aggravate juvenile myoclonic epilepsy; that the other eight suit it, some as an adjunct, is from memory."""


def _log_odds(share: float) -> float:
    return log(share / (1 - share))


EPILEPSY_CLINIC = ClinicTruth(
    succession=Succession(
        frailty=LogitNormal(0.0, 0.0),
        steps=3,
        step_log_odds=tuple(_log_odds(share / (1 - _INTOLERANCE)) for share in _CHEN_2018),
        intolerance=(_INTOLERANCE,) * 3,
    ),
    prescriptions=DRUGS[:3],
)
"""A clinic in which 45.7, 28.0 and 23.6 percent of those who start a first, second and third treatment become free.

Shares of those who tried: Chen Z et al. JAMA Neurol 2018;75:279-86; the numerators of the second and third treatment
follow from the printed shares of 1,795 subjects, the first from the printed total; the denominators 742 and 330
are cited from memory and not confirmed. Intolerance: 504 of 3,241 drugs stopped within 6 months in the same Glasgow
cohort; the chance of freedom among those who tolerate is the share divided by those who tolerate. Unlike there,
everybody who is not freed goes on to the next treatment, all subjects are alike, and the later treatments are weaker
themselves: for subjects who differ see CHEN_2018. Rates: log-normal with 1.23 and 1.15 per 30 days (constants
of the CHOCOLATES seizure diary simulator), among those with 4 or more in 28 days; log10 SD = 0.04 + 0.74 log10 mean,
as measured on that simulator's diaries. A failing drug takes away 30 percent of the seizures, its drug effect.
The three drugs suit focal and generalized tonic-clonic seizures. Lengths of courses: see `Lengths`; lag, missing days
and adherence are conventions.
"""

CHEN_2018 = ClinicTruth(
    succession=Succession(
        frailty=Beta(0.635, 0.551),
        steps=6,
        intolerance=(_INTOLERANCE,) * 6,
        leaving=(1 - 742 / 975, 1 - 330 / 534, 1 - 140 / 252, 1 - 71 / 119, 1 - 43 / 61),
    ),
    prescriptions=DRUGS,
    follow_up_days=6600,
)
"""The Glasgow cohort of 1,795 newly treated subjects: Chen Z et al. JAMA Neurol 2018;75:279-86.

There 45.7, 11.6, 4.4 and (on the fourth or a later regimen) 2.1 percent of all became free, 63.7 percent in all. Free
of those who tried: 820/1795, 208/742, 78/330, 21/140, 10/71, 6/43; denominators from the second on, and the last three
numerators, are from memory. A regimen after the sixth (1 of about 15) is left out.

Subjects differ, and nothing else makes later treatments fail: no dependence, treatments alike. The two shapes of the
beta distribution of chances maximize the binomial likelihood of the six counts given the leaving below, which gives
45.2, 30.4, 21.1, 15.8, 12.6, 10.5 percent of those who tried (Pearson's chi-square 4.2 on 4 degrees of freedom,
p = .38) and 63.7 percent in all. Leaving after each step is 1 - those who tried the next / those not free, the same
whether the drug failed or was not tolerated, and for easy and hard cases alike: a convention. Intolerance at every
step: 504 of 3,241 drugs. Seizure rates, drugs and lengths of courses as in EPILEPSY_CLINIC: at least 4 seizures in 28
days so that freedom can be decided, which newly treated subjects need not have.
"""

BRODIE_2012 = ClinicTruth(
    succession=Succession(
        frailty=Beta(0.778, 0.541),
        steps=6,
        intolerance=(_INTOLERANCE,) * 6,
        leaving=(1 - 398 / 555, 1 - 168 / 252, 1 - 68 / 127, 1 - 32 / 57, 1 - 16 / 28),
    ),
    prescriptions=DRUGS,
    relapse=Relapse(per_year=0.016),
    lag_days=240,
    follow_up_days=6600,
)
"""1,098 newly treated subjects: Brodie MJ et al. Neurology 2012;78:1548-54.

There 68 percent became free: 49.5, 13.3, 3.7, 1.0, 0.4, 0.2 percent of all on regimens 1 to 6 (0.2 on a seventh, left
out). Free of those who tried: 543/1098, 146/398, 41/168, 11/68, 4/32, 2/16; all but the total are from memory. Fitted
as CHEN_2018: 49.8, 35.0, 24.8, 18.8, 15.1, 12.6 percent of those who tried (chi-square 1.0 on 4 degrees of freedom,
p = .90) and 68.1 percent in all.

Their four courses were freedom within 6 months and kept (37 percent), later and kept (22), lost again (16), never
(25). `lag_days` and `relapse` are conventions chosen to come near: about 30, 22, 16 and 32 percent. They cannot meet
all four, for the 68 percent are those free at the last visit, and the 75 percent ever free are more.
"""

KWAN_BRODIE_2000 = ClinicTruth(
    succession=Succession(
        frailty=LogitNormal(6.8, 5.8),
        steps=3,
        intolerance=(132 / 470,) * 3,
        leaving=(0.19, 0.74),
        risk_factors=(
            RiskFactor(
                name="seizures_before_diary", levels=("20 or fewer", "more than 20"), share=0.344, log_odds=-4.3
            ),
            RiskFactor(
                name="aetiology", levels=("idiopathic", "symptomatic or cryptogenic"), share=0.755, log_odds=-3.2
            ),
        ),
    ),
    prescriptions=DRUGS,
)
"""470 subjects who had no treatment before: Kwan P, Brodie MJ. N Engl J Med 2000;342:314-9.

There 222 (47 percent) became free on the first drug and 67 (14) on the second or third (61 and 6: from memory). After
failure of the first, 11 percent became free later where it was not effective, 41 percent where side effects were
intolerable and 55 where they were idiosyncratic. Seizures persisted in 51 percent of those with more than 20 before
treatment and in 29 of the others, in 40 percent with symptomatic or cryptogenic and in 26 with idiopathic epilepsy.

That success falls so far after inefficacy and hardly after intolerance is what subjects who nearly all respond to any
drug or to none look like: log odds with an SD of 5.8. Mean, SD, two effects and leaving were fitted to these nine
figures by least squares, each divided by its sampling error (sum of squares 0.47 on 3 degrees of freedom): 48.3, 13.3
and 1.3 percent free; 11 and 43 percent later. Idiosyncratic effects are not told apart. Intolerance, here every stop
that was not for inefficacy, follows from the printed figures (11 percent of x and 41 percent of 248 - x are 67: x is
116 and the rest 132), and so do the shares of the risk factors, from 36.6 percent persistent in all; the same
intolerance at later steps is a convention. Risk factors are independent of syndrome and seizure rate, which is another.
"""

RESISTANT_CLINIC = ClinicTruth(
    succession=Succession(
        frailty=LogitNormal(0.3, 2.0),
        steps=4,
        dependence=0.35,
        step_log_odds=(0.0, 0.0, -0.1, -0.1),
        intolerance=(_INTOLERANCE,) * 4,
        inadequate=(0.12, 0.1, 0.08, 0.08),
        other_exit=(0.03,) * 4,
        leaving=(0.1, 0.1, 0.1),
        leaving_slope=0.5,
        risk_factors=(
            RiskFactor(name="seizures_before_diary", levels=("20 or fewer", "more than 20"), share=0.4, log_odds=-1.0),
        ),
    ),
    prescriptions=DRUGS,
    diary=Diary(
        rate_floor=4.0,
        spread_sd=0.15,
        cluster_share=0.25,
        weekly_share=0.15,
        monthly_share=0.18,
        under_reporting=0.15,
        missing=0.03,
        gap_chance=0.1,
        gap_days=(1, 7),
    ),
    titration=Titration(days=28, rises=4),
    relapse=Relapse(per_year=0.25),
    combined=0.4,
    mild_effects=0.2,
    status_epilepticus=0.02,
    network=Network(
        results=("focal concordant lesion", "focal, no lesion", "multifocal", "generalized"),
        focal=(0.4, 0.35, 0.25, 0.0),
        generalized=(0.0, 0.0, 0.0, 1.0),
    ),
    markers=(
        Marker(finding="hs-CRP", unit="mg/L", log_mean=log(1.5), log_sd=1.0, slope=0.5),
        Marker(finding="IL-6", unit="pg/mL", log_mean=log(2.0), log_sd=0.8, slope=0.3),
    ),
    antibodies=(
        Antibody(finding="NMDAR antibody", share=0.005),
        Antibody(finding="LGI1 antibody", share=0.01),
        Antibody(finding="GAD65 antibody", share=0.015),
    ),
    therapies=(
        Therapy(
            name="temporal resection",
            kind="surgery",
            chance=0.5,
            response=0.75,
            freedom=0.58,
            epilepsy_types=("focal",),
            results=("focal concordant lesion",),
        ),
        Therapy(name="immunotherapy", kind="immunotherapy", chance=0.8, response=0.5, freedom=0.2, antibody=True),
        Therapy(name="vagus nerve stimulation", kind="stimulation", chance=0.4, response=1 / 3, freedom=0.05),
        Therapy(name="ketogenic diet", kind="diet", chance=0.3, response=0.384, freedom=0.05),
    ),
    follow_up_days=5400,
)
"""A clinic where every mechanism is on: one to try estimators on, not a cohort that was seen.

Assumptions, unless a source is named: frailty and dependence together, weaker late treatments, one treatment in ten no
fair test, leaving that the harder cases do more often; relapse at a hazard of 0.25 a year, 71 percent in 5 years (as of
those in remission among Callaghan's 246 subjects who were resistant before); combinations as good as
substitutions (relative risk 1.17, 0.81 to 1.69, after a first monotherapy failed). Clusters in 25 percent and cycles in
15 to 18 percent of diaries are near published shares (24 percent of 42,799 diary users; 7 to 21 and 14 to 22 percent);
forgotten seizures and gaps after days with 3 or more are assumptions.

After two or more failures of a fair test and the last drug: temporal resection, 58 percent free after a year in the
randomized study (8 percent without); vagus nerve stimulation, one in three with half of their seizures gone; ketogenic
diet, 38.4 percent (5.6 without) in the randomized study of 145 children. Who receives what, freedom with the other
three, response to resection, and everything about immunotherapy, of which no pooled effect is known, are assumptions,
and so are the shares of findings and antibodies and the levels of hs-CRP and IL-6, which are covariates and never
diagnostic alone.
"""
