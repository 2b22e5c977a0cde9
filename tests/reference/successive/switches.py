"""Switching against staying: exact tests and crude risk ratios."""

from analyses.estimates.successive.switching import switch_or_stay
from analyses.plan.published_switches import published_switches
from tests.reference.successive.published import read


def switched(cohort, statistic, column="estimate"):
    found = switch_or_stay(published_switches(), by="cohort", undetermined="excluded")
    return read(found, column, population=cohort, statistic=statistic)


CHECKS = {
    "switch_vs_stay.sf_patients_fisher_p": lambda: switched("seizure-free", "odds ratio", "p_value"),
    "switch_vs_stay.seizure_patients_fisher_p": lambda: switched("with seizures", "odds ratio", "p_value"),
    "switch_vs_stay.crude_risk_ratio_recurrence": lambda: switched("seizure-free", "risk ratio"),
    "switch_vs_stay.crude_risk_ratio_remission": lambda: switched("with seizures", "risk ratio"),
}
