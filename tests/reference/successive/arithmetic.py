"""Sums that the published tables must reach."""

from analyses.estimates.successive.cumulative import cumulative_success
from analyses.plan.published_steps import published_steps
from tests.reference.successive.published import BRODIE, CHEN, KWAN, met, read, table


def frontiers():
    """Frontiers in Neurology 2022, doi 10.3389/fneur.2022.1042168: 308 of 459, then 96 of the other 151."""
    found = cumulative_success(table([459, 151], [308, 96]), undetermined="excluded")
    return read(found, "events", term="observed", group="2")


CHECKS = {
    "checks.kwan_brodie.sum_success": lambda: [met(KWAN).sum()],
    "checks.brodie2012.sum_success": lambda: [met(BRODIE).sum()],
    # The paper puts the fourth and later regimens together: 38; our table has 37 on the fourth to the sixth.
    "checks.chen2018.sum_success": lambda: [met(CHEN)[:3].sum() + 38],
    "checks.chen2018.first_or_second_share": lambda: [met(CHEN)[:2].sum() / 1144],
    # The four patterns of control are the cohort that our table starts with.
    "checks.brodie2012.patterns_sum": lambda: [published_steps(BRODIE)["cohort"][0]],
    "checks.frontiers.sum": frontiers,
}
