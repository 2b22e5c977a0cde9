"""The published tables, and numbers read out of an analysis of them."""

import polars as pl

from analyses.plan.published_steps import published_steps
from tests.reference.printed import numbers

FOLDER = "06_diminishing_returns"
BRODIE, CHEN, KWAN, STARD = "Brodie 2012", "Chen 2018", "Kwan & Brodie 2000", "STAR*D 2006"


def met(study):
    return published_steps(study)["met"]


def read(found, column="estimate", **where):
    """Return a column of the rows that fit."""
    return numbers(found.frame, column, **where)


def percent(shares):
    return [100 * share for share in shares]


def table(tried, met):
    return pl.DataFrame({"treatment_no": range(1, len(tried) + 1), "tried": tried, "met": met})
