"""The printed values of the reference data sets, and where ours stand in the results of the example studies."""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT.parent / "shared" / "reference"
ANTIDEPRESSANT, SANAD, PROGABIDE = "01_antidepressant_hamd", "02_sanad_epileptic", "03_progabide_seizures"


@dataclass(frozen=True)
class Printed:
    """One printed number: where it stands, what it is, how close is close enough."""

    folder: str
    block: str
    name: str
    value: float | None
    relative: float
    absolute: float

    def agrees(self, ours):
        if self.value is None or ours is None:
            return self.value is None and ours is None
        return abs(ours - self.value) <= self.absolute + self.relative * abs(self.value)


def printed(folder, block, name):
    """Return the numbers of one statistic, in the order in which they are printed."""
    content = json.loads((REFERENCE / folder / "expected.json").read_text())
    (found,) = [one for one in content["blocks"] if one["block"] == block]
    (statistic,) = [one for one in found["stats"] if one["id"] == name]
    values = statistic["value"] if isinstance(statistic["value"], list) else [statistic["value"]]
    tolerance = statistic["tol"]
    return [Printed(folder, block, name, value, tolerance["rel"], tolerance["abs"]) for value in values]


def numbers(results, column="estimate", **where):
    """Return the numbers of the rows that fit, in the order of the results; a value of None asks for null."""
    rows = results
    for name, wanted in where.items():
        rows = rows.filter(pl.col(name).eq_missing(pl.lit(wanted)))
    return rows[column].to_list()


def one(results, column="estimate", **where):
    """Return the only number that fits."""
    found = numbers(results, column, **where)
    assert len(found) == 1, f"{len(found)} rows fit {where}"
    return found[0]


def described(r, analysis, variable, statistic, group, term=None, column="estimate"):
    return one(r, column, analysis=analysis, criterion=variable, statistic=statistic, group=group, term=term)


def survival(r, analysis, arm, column, times):
    return [
        one(r, column, analysis=analysis, statistic="survival", term="time point", group=arm, at=at) for at in times
    ]


def cox(r, analysis, formula, column, statistic="log hazard ratio"):
    return numbers(r, column, analysis=analysis, criterion=formula, statistic=statistic)


def loglik(r, analysis, formula):
    return [
        one(r, analysis=analysis, criterion=formula, statistic="log likelihood", term=term)
        for term in ("null", "fitted")
    ]
