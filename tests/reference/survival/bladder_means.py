"""Mean cumulative functions of tumour recurrences."""

from analyses.estimates.recurrent.mean_cumulative import mean_cumulative
from tests.reference.survival.data import BLADDER, bladder

FOLDER = BLADDER


def points(arm, column):
    return mean_cumulative(bladder(), times=(12, 24, 36)).frame.filter(term="time point", group=arm)[column].to_list()


CHECKS = {
    f"mcf.{arm}.{name}": lambda arm=arm, column=column: points(arm, column)
    for arm in ("placebo", "thiotepa")
    for name, column in (("mcf_12_24_36", "estimate"), ("mcf_se", "std_error"))
} | {"mcf.n_at_risk_placebo_12_24_36": lambda: points("placebo", "n")}
