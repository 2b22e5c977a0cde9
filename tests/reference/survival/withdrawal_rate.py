"""The rate of withdrawal as a ratio."""

from analyses.estimates.regression.rates import event_rates
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD
CHECKS = {"parametric.poisson_rate_ratio_LTG": lambda: [event_rates(sanad(), "arm").value("log rate ratio")]}
