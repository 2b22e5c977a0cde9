"""What the three example studies report, held against the numbers that R and SAS printed."""

import polars as pl
import pytest

from analyses.plan.run import run
from tests.reference.printed import ANTIDEPRESSANT, PROGABIDE, REFERENCE, ROOT, SANAD, numbers, one, printed

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")

VISITS = ("week 1", "week 2", "week 4", "week 6")
ARMS = ("PLACEBO", "DRUG")
EACH = "Response and remission at each visit"
ABOVE = "Remission at each visit, without those who entered in remission"
CHOICE = "Remission by the choice of the endpoint and of the bound"
TIME = "Time to remission (first visit)"


def results_of(study_file, folder):
    run(study_file, folder)
    return pl.read_parquet(folder / "results.parquet")


@pytest.fixture(scope="module")
def hamd(tmp_path_factory):
    return results_of(ROOT / "examples/antidepressant/study.toml", tmp_path_factory.mktemp("hamd") / "out")


@pytest.fixture(scope="module")
def sanad(tmp_path_factory):
    return results_of(ROOT / "examples/sanad/study.toml", tmp_path_factory.mktemp("sanad") / "out")


def check(theirs, ours):
    assert len(theirs) == len(ours), theirs[0].name
    lines = [
        f"{p.block}.{p.name}: theirs {p.value!r}, ours {o!r}"
        for p, o in zip(theirs, ours, strict=True)
        if not p.agrees(o)
    ]
    assert not lines, "\n".join(lines)


def responders(r, kind, statistic, column, term, analysis=EACH, arms=ARMS, visits=VISITS):
    label = {"response": "HAMD17 response (>= 50%)", "remission": "HAMD17 remission (<= 7)"}[kind]
    return [
        one(r, column, analysis=analysis, criterion=f"{label} at {visit}", statistic=statistic, term=term, group=arm)
        for arm in arms
        for visit in visits
    ]


def described(r, analysis, variable, statistic, group, term=None, column="estimate"):
    return one(r, column, analysis=analysis, criterion=variable, statistic=statistic, group=group, term=term)


def survival(r, analysis, arm, column, times):
    return [
        one(r, column, analysis=analysis, statistic="survival", term="time point", group=arm, at=at) for at in times
    ]


HAMD = {
    "data.n_rows": lambda r: [
        sum(numbers(r, analysis="HAMD17 by visit", criterion="score", statistic="n", group=None))
    ],
    "data.n_patients": lambda r: [described(r, "Subjects at entry", "HAMD17 at baseline", "n", None)],
    "data.n_patients_by_arm": lambda r: [
        described(r, "Subjects at entry", "HAMD17 at baseline", "n", arm) for arm in ARMS
    ],
    "data.n_obs_by_visit_placebo": lambda r: [
        described(r, "HAMD17 by visit", "score", "n", "PLACEBO", v) for v in VISITS
    ],
    "data.n_obs_by_visit_drug": lambda r: [described(r, "HAMD17 by visit", "score", "n", "DRUG", v) for v in VISITS],
    "data.baseline_mean_by_arm": lambda r: [
        described(r, "Subjects at entry", "HAMD17 at baseline", "mean", a) for a in ARMS
    ],
    "data.baseline_sd_by_arm": lambda r: [
        described(r, "Subjects at entry", "HAMD17 at baseline", "sd", a) for a in ARMS
    ],
    "data.n_baseline_le7_by_arm": lambda r: [
        described(r, EACH, "HAMD17 remission (<= 7) at week 6", "count", arm, "entered in remission") for arm in ARMS
    ],
    "data.n_complete_patients": lambda r: [described(r, "HAMD17 by visit", "attendance", "count", None, "every visit")],
    "data.n_intermittent_missing": lambda r: [
        described(r, "HAMD17 by visit", "attendance", "count", None, "missed in between")
    ],
    "data.mean_change_placebo": lambda r: [
        described(r, "HAMD17 by visit", "change", "mean", "PLACEBO", v) for v in VISITS
    ],
    "data.mean_change_drug": lambda r: [described(r, "HAMD17 by visit", "change", "mean", "DRUG", v) for v in VISITS],
    "data.sd_change_placebo": lambda r: [described(r, "HAMD17 by visit", "change", "sd", "PLACEBO", v) for v in VISITS],
    "data.sd_change_drug": lambda r: [described(r, "HAMD17 by visit", "change", "sd", "DRUG", v) for v in VISITS],
    **{
        f"responder_remitter.{name}.{arm}": lambda r, kind=kind, column=column, term=term, analysis=analysis, arm=arm: (
            responders(r, kind, "share", column, term, analysis, (arm,))
        )
        for arm in ARMS
        for name, kind, column, term, analysis in (
            ("responders_observed", "response", "events", "observed cases", EACH),
            ("remitters_observed", "remission", "events", "observed cases", EACH),
            ("remitters_observed_excl_baseline_le7", "remission", "events", "observed cases", ABOVE),
            ("n_observed_excl_baseline_le7", "remission", "n", "observed cases", ABOVE),
            ("responder_rate_ITT_NRI", "response", "estimate", "non-responder imputation", EACH),
            ("remitter_rate_ITT_NRI", "remission", "estimate", "non-responder imputation", EACH),
        )
    },
    "responder_remitter.n_exact_50pct_reductions": lambda r: [
        sum(
            numbers(
                r.filter(pl.col("criterion").str.contains("response")), analysis=EACH, statistic="exactly at the bound"
            )
        )
    ],
    "responder_remitter.n_score_exactly_7": lambda r: [
        sum(numbers(r, analysis=EACH, statistic="exactly at the bound", term="HAMD17 <= 7"))
    ],
    "responder_remitter.remitters_lt7_week6.by_arm": lambda r: [
        one(
            r,
            "events",
            analysis=CHOICE,
            criterion="HAMD17 remission (< 7) at week 6",
            statistic="share",
            term="observed cases",
            group=arm,
        )
        for arm in ARMS
    ],
    "responder_remitter.week6_resp_obs.table": lambda r: (
        [
            n - met
            for met, n in zip(
                *(responders(r, "response", "share", c, "observed cases", visits=("week 6",)) for c in ("events", "n")),
                strict=True,
            )
        ]
        + responders(r, "response", "share", "events", "observed cases", visits=("week 6",))
    ),
    "responder_remitter.week6_resp_ITT.riskdiff_drug_minus_placebo": lambda r: responders(
        r, "response", "risk difference", "estimate", "non-responder imputation", arms=("DRUG",), visits=("week 6",)
    ),
    "responder_remitter.week6_resp_ITT.riskdiff_wald_se": lambda r: responders(
        r, "response", "risk difference", "std_error", "non-responder imputation", arms=("DRUG",), visits=("week 6",)
    ),
    "responder_remitter.week6_resp_ITT.wilson_ci_drug": lambda r: [
        value
        for column in ("conf_low", "conf_high")
        for value in responders(
            r, "response", "share", column, "non-responder imputation", arms=("DRUG",), visits=("week 6",)
        )
    ],
    "responder_remitter.remission_at_both_visit6_and_7.by_arm": lambda r: [
        one(
            r,
            "events",
            analysis=CHOICE,
            criterion="HAMD17 remission (<= 7) at week 4 and week 6",
            term="non-responder imputation",
            statistic="share",
            group=arm,
        )
        for arm in ARMS
    ],
    "time_to_remission.n": lambda r: [described(r, TIME, "days observed", "n", None)],
    "time_to_remission.events_by_arm": lambda r: [
        one(r, analysis=TIME, statistic="events", term=None, group=arm, criterion="time at risk") for arm in ARMS
    ],
    **{
        f"time_to_remission.{name}_{arm.lower()}{tail}": lambda r, arm=arm, column=column: survival(
            r, TIME, arm, column, (14, 28, 42)
        )
        for arm in ARMS
        for name, column, tail in (("km_surv", "estimate", "_days_14_28_42"), ("km_greenwood_se", "std_error", ""))
    },
    "time_to_remission.km_median": lambda r: [
        one(r, analysis=TIME, statistic="quantile", at=0.5, group=arm) for arm in ARMS
    ],
    "time_to_remission.logrank_chisq_p": lambda r: [
        one(r, column, analysis=TIME, statistic="log-rank chi-square") for column in ("estimate", "p_value")
    ],
    "time_to_remission.logrank_observed_expected": lambda r: [
        one(r, analysis=TIME, statistic=statistic, group=arm) for statistic in ("observed", "expected") for arm in ARMS
    ],
    "time_to_remission.cox_efron_coef": lambda r: cox(r, TIME, "arm + baseline", "estimate"),
    "time_to_remission.cox_efron_se": lambda r: cox(r, TIME, "arm + baseline", "std_error"),
    "time_to_remission.cox_loglik_null_fit": lambda r: loglik(r, TIME, "arm + baseline"),
}


def cox(r, analysis, formula, column, statistic="log hazard ratio"):
    return numbers(r, column, analysis=analysis, criterion=formula, statistic=statistic)


def loglik(r, analysis, formula):
    return [
        one(r, analysis=analysis, criterion=formula, statistic="log likelihood", term=term)
        for term in ("null", "fitted")
    ]


WITHDRAWAL = "Time to withdrawal for any reason"
DRUGS = ("CBZ", "LTG")
YEARS = (365, 730, 1095, 1460)
ADJUSTED = "arm + age + sex + learning_disability"


def causes(r, cause):
    return [one(r, analysis=WITHDRAWAL, statistic="events", term=cause, group=drug) for drug in DRUGS]


def rate(r, statistic, column="estimate"):
    return [
        one(r, column, analysis=WITHDRAWAL, statistic=statistic, criterion="time at risk", term=None, group=d)
        for d in DRUGS
    ]


def entry(r, variable, statistic, term=None, group=None):
    return described(r, "Subjects at entry", variable, statistic, group, term)


SANAD_CHECKS = {
    "data.n_patients": lambda r: [entry(r, "age", "n")],
    "data.n_dose_records": lambda r: [one(r, analysis="Records", criterion="doses", statistic="rows kept")],
    "data.n_by_arm": lambda r: [entry(r, "age", "n", group=drug) for drug in DRUGS],
    "data.withdrawals_any_by_arm": lambda r: rate(r, "events"),
    "data.withdrawals_ISC_by_arm": lambda r: causes(r, "inefficacy"),
    "data.withdrawals_UAE_by_arm": lambda r: causes(r, "intolerance"),
    "data.withdrawals_reason_not_coded": lambda r: [sum(causes(r, "not recorded"))],
    "data.person_days_by_arm": lambda r: rate(r, "person-time"),
    "data.rate_per_1000_person_days_by_arm": lambda r: rate(r, "rate"),
    "data.n_learning_disability_yes": lambda r: [entry(r, "learning_disability", "count", "Yes")],
    "data.n_male": lambda r: [entry(r, "sex", "count", "male")],
    "data.mean_age": lambda r: [entry(r, "age", "mean")],
    "data.min_max_time": lambda r: [described(r, WITHDRAWAL, "days observed", s, None) for s in ("min", "max")],
    **{
        f"km_any_withdrawal.{drug}.{name}": check_one
        for drug in DRUGS
        for name, check_one in {
            "surv": lambda r, d=drug: survival(r, WITHDRAWAL, d, "estimate", YEARS),
            "greenwood_se": lambda r, d=drug: survival(r, WITHDRAWAL, d, "std_error", YEARS),
            "n_risk": lambda r, d=drug: survival(r, WITHDRAWAL, d, "n", YEARS),
            "ci95_log-log_lower4_upper4": lambda r, d=drug: [
                value for column in ("conf_low", "conf_high") for value in survival(r, WITHDRAWAL, d, column, YEARS)
            ],
            "quantile_10_20_25_30_35": lambda r, d=drug: [
                one(r, analysis=WITHDRAWAL, statistic="quantile", group=d, at=p) for p in (0.10, 0.20, 0.25, 0.30, 0.35)
            ],
            "median": lambda r, d=drug: [one(r, analysis=WITHDRAWAL, statistic="quantile", group=d, at=0.5)],
        }.items()
    },
    **{
        f"km_any_withdrawal.number_at_risk_{drug}_0_365_730_1095_1460": lambda r, d=drug: [
            one(r, analysis=WITHDRAWAL, statistic="at risk", group=d, at=at) for at in (0, *YEARS)
        ]
        for drug in DRUGS
    },
    "tests_any_withdrawal.logrank_chisq": lambda r: [one(r, analysis=WITHDRAWAL, statistic="log-rank chi-square")],
    "tests_any_withdrawal.logrank_p": lambda r: [
        one(r, "p_value", analysis=WITHDRAWAL, statistic="log-rank chi-square")
    ],
    "tests_any_withdrawal.logrank_observed": lambda r: [
        one(r, analysis=WITHDRAWAL, statistic="observed", group=d) for d in DRUGS
    ],
    "tests_any_withdrawal.logrank_expected": lambda r: [
        one(r, analysis=WITHDRAWAL, statistic="expected", group=d) for d in DRUGS
    ],
    "tests_any_withdrawal.logrank_variance": lambda r: [one(r, analysis=WITHDRAWAL, statistic="variance")],
    "cox_any_withdrawal.unadj.efron.coef": lambda r: cox(r, WITHDRAWAL, "arm", "estimate"),
    "cox_any_withdrawal.unadj.efron.se": lambda r: cox(r, WITHDRAWAL, "arm", "std_error"),
    "cox_any_withdrawal.unadj.efron.HR_ci": lambda r: [
        cox(r, WITHDRAWAL, "arm", column, "hazard ratio")[0] for column in ("estimate", "conf_low", "conf_high")
    ],
    "cox_any_withdrawal.unadj.efron.loglik_null_fit": lambda r: loglik(r, WITHDRAWAL, "arm"),
    "cox_any_withdrawal.adj.efron.coef": lambda r: cox(r, WITHDRAWAL, ADJUSTED, "estimate"),
    "cox_any_withdrawal.adj.efron.se": lambda r: cox(r, WITHDRAWAL, ADJUSTED, "std_error"),
    "cox_any_withdrawal.adj.efron.HR": lambda r: cox(r, WITHDRAWAL, ADJUSTED, "estimate", "hazard ratio"),
    "cox_any_withdrawal.adj.efron.loglik": lambda r: loglik(r, WITHDRAWAL, ADJUSTED),
}


SEIZURES = ("placebo", "progabide")
RATES, RESPONDERS = "Seizure rates", "Responders over the 8 weeks of treatment"
CHANGE, LABEL = "percent change of the rate", "seizure rate reduced by >= 50%, days 0 to 55"


def by_arm(r, analysis, variable, statistic, term=None):
    return [described(r, analysis, variable, statistic, arm, term) for arm in SEIZURES]


def responding(r, criterion):
    return [
        one(r, "events", analysis=RESPONDERS, criterion=criterion, statistic="share", group=a, term="observed cases")
        for a in SEIZURES
    ]


COUNTED = {
    "total_treatment_counts_by_arm": lambda r: by_arm(r, RATES, "seizures under treatment", "sum"),
    "baseline_total_by_arm": lambda r: by_arm(r, RATES, "seizures at baseline", "sum"),
    "mean_age_by_arm": lambda r: by_arm(r, "Subjects at entry", "age", "mean"),
}
RATED = {
    "median_baseline_rate28_by_arm": lambda r: by_arm(r, RATES, "seizures per 28 days at baseline", "median"),
    "median_treatment_rate28_by_arm": lambda r: by_arm(r, RATES, "seizures per 28 days under treatment", "median"),
    "median_pct_change_by_arm": lambda r: by_arm(r, RATES, CHANGE, "median"),
    "mean_pct_change_by_arm": lambda r: by_arm(r, RATES, CHANGE, "mean"),
    "quartiles_type7_pct_change_progabide": lambda r: [
        described(r, RATES, CHANGE, statistic, "progabide") for statistic in ("q1", "median", "q3")
    ],
    "quartiles_type2_pct_change_progabide": lambda r: [
        described(r, RATES, CHANGE, f"{statistic} (type 2)", "progabide") for statistic in ("q1", "median", "q3")
    ],
    "responders50_by_arm": lambda r: responding(r, LABEL),
    "responders75_by_arm": lambda r: responding(r, LABEL.replace("50%", "75%")),
    "seizure_free_by_arm": lambda r: responding(r, "no seizures, days 0 to 55"),
    "worse_by_arm": lambda r: by_arm(r, RESPONDERS, LABEL, "count", "increased"),
    "n_exactly_50pct": lambda r: [
        one(
            r,
            analysis=RESPONDERS,
            criterion=LABEL,
            statistic="exactly at the bound",
            term="percent change of the rate <= -50",
        )
    ],
    "median_response_ratio_by_arm": lambda r: by_arm(r, RATES, "response ratio", "median"),
}
COPIES = {"mass": "epil_mass.csv", "geepack": "seizure_geepack.csv", "robustbase": None}


@pytest.fixture(scope="module")
def progabide(tmp_path_factory):
    """The results of the study file on each of the three copies; the bundled one keeps the original subject numbers."""
    results = {}
    for copy, file in COPIES.items():
        folder = tmp_path_factory.mktemp(copy)
        study_file = ROOT / "examples/progabide/study.toml"
        if file is not None:
            text = (
                study_file.read_text()
                .replace('"progabide.csv"', f'"{REFERENCE / PROGABIDE / file}"')
                .replace('"patient"', '"id"')
            )
            study_file = folder / "study.toml"
            study_file.write_text(text)
        results[copy] = results_of(study_file, folder / "out")
    return results


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("name", COUNTED)
def test_progabide_counts(copy, name, progabide):
    check(printed(PROGABIDE, "data", f"{copy}.{name}"), COUNTED[name](progabide[copy]))


@pytest.mark.parametrize("copy", ["mass", "geepack"])
@pytest.mark.parametrize("name", RATED)
def test_progabide_rates(copy, name, progabide):
    check(printed(PROGABIDE, f"rates_{copy}", name), RATED[name](progabide[copy]))


def test_progabide_arms(progabide):
    ours = [described(progabide["robustbase"], "Subjects at entry", "age", "n", arm) for arm in SEIZURES]
    check(printed(PROGABIDE, "data", "n_by_arm"), ours)


def test_bundled_copy_is_the_one_with_the_original_numbers():
    columns = ["patient", "trt", "age", "base8wk", "y1", "y2", "y3", "y4"]
    theirs = pl.read_csv(REFERENCE / PROGABIDE / "epilepsy_robustbase.csv").select(columns)
    ours = pl.read_csv(ROOT / "examples/progabide/progabide.csv").select(columns)
    assert ours.equals(theirs)


@pytest.mark.parametrize("name", HAMD)
def test_antidepressant_study(name, hamd):
    block, statistic = name.split(".", 1)
    check(printed(ANTIDEPRESSANT, block, statistic), HAMD[name](hamd))


@pytest.mark.parametrize("name", SANAD_CHECKS)
def test_sanad_study(name, sanad):
    block, statistic = name.split(".", 1)
    check(printed(SANAD, block, statistic), SANAD_CHECKS[name](sanad))
