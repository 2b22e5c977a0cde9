"""Where the numbers printed for the antidepressant study stand in our results."""

import polars as pl

from tests.reference.printed import cox, described, loglik, numbers, one, survival

VISITS = ("week 1", "week 2", "week 4", "week 6")
ARMS = ("PLACEBO", "DRUG")
EACH = "Response and remission at each visit"
ABOVE = "Remission at each visit, without those who entered in remission"
CHOICE = "Remission by the choice of the endpoint and of the bound"
TIME = "Time to remission (first visit)"


def responders(r, kind, statistic, column, term, analysis=EACH, arms=ARMS, visits=VISITS):
    label = {"response": "HAMD17 response (>= 50%)", "remission": "HAMD17 remission (<= 7)"}[kind]
    return [
        one(r, column, analysis=analysis, criterion=f"{label} at {visit}", statistic=statistic, term=term, group=arm)
        for arm in arms
        for visit in visits
    ]


CHECKS = {
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
        described(r, EACH, "HAMD17 remission (<= 7) at week 1", "count", arm, "entered in remission") for arm in ARMS
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
    "time_to_remission.n": lambda r: [described(r, TIME, "days to event or censoring", "n", None)],
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
