"""Where the numbers printed for SANAD stand in our results."""

from tests.reference.printed import cox, described, loglik, one, survival

WITHDRAWAL = "Time to withdrawal for any reason"
EVENT = "withdrawal of treatment 1"
DRUGS = ("CBZ", "LTG")
YEARS = (365, 730, 1095, 1460)
ADJUSTED = "arm + age + sex + learning_disability"


def causes(r, cause):
    return [
        one(r, analysis=WITHDRAWAL, criterion="time at risk", statistic="events", term=cause, group=drug)
        for drug in DRUGS
    ]


def rate(r, statistic, column="estimate"):
    return [
        one(r, column, analysis=WITHDRAWAL, statistic=statistic, criterion="time at risk", term=None, group=d)
        for d in DRUGS
    ]


def entry(r, variable, statistic, term=None, group=None):
    return described(r, "Subjects at entry", variable, statistic, group, term)


CHECKS = {
    "data.n_patients": lambda r: [entry(r, "age", "n")],
    "data.n_dose_records": lambda r: [one(r, analysis="Records", criterion="doses", statistic="rows kept")],
    "data.n_by_arm": lambda r: [entry(r, "age", "n", group=drug) for drug in DRUGS],
    "data.withdrawals_any_by_arm": lambda r: rate(r, "events"),
    "data.withdrawals_ISC_by_arm": lambda r: causes(r, "inefficacy"),
    "data.withdrawals_UAE_by_arm": lambda r: causes(r, "intolerance"),
    "data.withdrawals_reason_not_coded": lambda r: [sum(causes(r, "not recorded"))],
    "data.person_days_by_arm": lambda r: rate(r, "person-time"),
    "data.rate_per_1000_person_days_by_arm": lambda r: rate(r, "rate per 1000 days"),
    "data.n_learning_disability_yes": lambda r: [entry(r, "learning disability", "count", "Yes")],
    "data.n_male": lambda r: [entry(r, "sex", "count", "male")],
    "data.mean_age": lambda r: [entry(r, "age", "mean")],
    "data.min_max_time": lambda r: [
        described(r, WITHDRAWAL, "days to event or censoring", s, None) for s in ("min", "max")
    ],
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
            one(r, analysis=WITHDRAWAL, criterion=EVENT, statistic="at risk", group=d, at=at) for at in (0, *YEARS)
        ]
        for drug in DRUGS
    },
    "tests_any_withdrawal.logrank_chisq": lambda r: [one(r, analysis=WITHDRAWAL, statistic="log-rank chi-square")],
    "tests_any_withdrawal.logrank_p": lambda r: [
        one(r, "p_value", analysis=WITHDRAWAL, statistic="log-rank chi-square")
    ],
    "tests_any_withdrawal.logrank_observed": lambda r: [
        one(r, analysis=WITHDRAWAL, statistic="observed", term=None, group=d) for d in DRUGS
    ],
    "tests_any_withdrawal.logrank_expected": lambda r: [
        one(r, analysis=WITHDRAWAL, statistic="expected", term=None, group=d) for d in DRUGS
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
