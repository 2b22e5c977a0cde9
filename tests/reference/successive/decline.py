"""How success declines: a line on the logit and what it is tested against, nine regimens."""

from analyses.estimates.successive.trend import trend
from analyses.plan.published_steps import published_steps
from tests.reference.successive.published import BRODIE, read

FAILURE = "odds ratio of failure per further treatment"


def fitted(statistic, columns, last=9, **more):
    """Return columns of the one row of a statistic of the trend over the first regimens."""
    found = trend(published_steps(BRODIE).head(last), undetermined="excluded", **more)
    return [value for column in columns for value in read(found, column, statistic=statistic)]


def adjacent():
    return fitted("odds ratio to the one before", ["p_value"], number="factor")[:3]


CHECKS = {
    "trend.brodie2012.logistic_slope_se_p": lambda: fitted("log odds ratio", ["estimate", "std_error", "p_value"]),
    "trend.brodie2012.OR_success_per_step_ci": lambda: fitted("odds ratio", ["estimate", "conf_low", "conf_high"]),
    "trend.brodie2012.OR_failure_per_step": lambda: fitted(FAILURE, ["estimate"]),
    "trend.brodie2012.steps1to3_slope_se": lambda: fitted("log odds ratio", ["estimate", "std_error"], last=3),
    "trend.brodie2012.cochran_armitage_chisq_p": lambda: fitted("score chi-square", ["estimate", "p_value"]),
    "trend.brodie2012.adjacent_step_fisher_p_1v2_2v3_3v4": adjacent,
    "trend.brodie2012.deviance_of_linear_trend_df": lambda: fitted("deviance", ["estimate", "df"]),
}
