"""Where the numbers printed for progabide stand in our results."""

from tests.reference.printed import described, one

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

# The bundled copy, which keeps the original subject numbers, and the two that are read in place.
COPIES = {"mass": "epil_mass.csv", "geepack": "seizure_geepack.csv", "robustbase": None}
