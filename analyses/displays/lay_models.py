"""Models that explain a fall in success: how well each fits, and its parameters."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import absent, count, fixed, limits, p_value, percent, points, ratio, significant
from analyses.displays.grid import EFFECT, Cell, Heading, Row, label
from analyses.displays.lay_treatments import Write

LIKELIHOOD, AIC, PEARSON = "log likelihood", "AIC", "Pearson chi-square"
_FIT = (LIKELIHOOD, AIC, PEARSON)
_PARAMETERS: dict[str, tuple[str, Write, Write]] = {
    "chance": ("chance at every treatment", percent, points),
    "mean chance": ("mean chance at treatment 1", percent, points),
    "correlation": ("correlation of a subject's treatments", lambda value: fixed(value, 3), lambda v: fixed(v, 3)),
    "a": ("a of the beta distribution", significant, significant),
    "b": ("b of the beta distribution", significant, significant),
    "share of responders": ("share of responders", percent, points),
    "log odds": ("log odds at treatment 1", significant, significant),
    "dependence": ("fall of the log odds with each failure", significant, significant),
    "odds ratio of failure": ("odds ratio of failure with each failure before", ratio, ratio),
    "mean log odds": ("mean log odds at treatment 1", significant, significant),
    "sd of log odds": ("standard deviation of the log odds", significant, significant),
}


def split_models(rows: Sequence[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the fits of named models, their parameters, and the other rows.

    A model is a term that has a log likelihood with its number of parameters, or an AIC, of its own.
    """
    whole = [row for row in rows if row["group"] is None and row["reference"] is None and row["term"] is not None]
    models = {row["term"] for row in whole if row["statistic"] in (AIC, PEARSON)}
    models |= {row["term"] for row in whole if row["statistic"] == LIKELIHOOD and row["df"] is not None}
    fits = [row for row in whole if row["statistic"] in _FIT and row["term"] in models]
    told = models or {row["term"] for row in whole if row["statistic"] in _PARAMETERS}
    parameters = [row for row in whole if row["statistic"] in _PARAMETERS and row["term"] in told]
    own = {id(row) for row in (*fits, *parameters)}
    return fits, parameters, [row for row in rows if id(row) not in own]


def fit_cells(rows: Sequence[Row], block: str) -> list[Cell]:
    """Return one row a model: its log likelihood, parameters, AIC, and Pearson's chi-square."""
    cells = []
    for row in rows:
        for heading, text in _fit_texts(row):
            cells.append(Cell(block, row["term"], Heading(EFFECT, heading), text))
    order = [heading for _, heading in _HEADINGS]
    return sorted(cells, key=lambda cell: order.index(cell.heading.label)) if cells else cells


_HEADINGS = (
    (LIKELIHOOD, "Log likelihood"),
    ("df", "Parameters"),
    (AIC, "AIC"),
    (PEARSON, "Pearson χ² (df), p value of the fit"),
)


def _fit_texts(row: Row) -> list[tuple[str, str]]:
    named = dict(_HEADINGS)
    if row["statistic"] == LIKELIHOOD:
        said = [(named[LIKELIHOOD], fixed(row["estimate"], 2))]
        return said if row["df"] is None else [*said, (named["df"], count(row["df"]))]
    if row["statistic"] == AIC:
        return [(named[AIC], fixed(row["estimate"], 2))]
    freedom = "" if row["df"] is None else f" ({count(row['df'])})"
    p = "not to be judged" if absent(row["p_value"]) else p_value(row["p_value"])
    return [(named[PEARSON], f"{fixed(row['estimate'], 2)}{freedom}, {p}")]


def parameter_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return a heading a model, and under it one row a parameter, with its limits."""
    heading = Heading(EFFECT, f"Estimate ({level})")
    return [Cell(label(block, row["term"]), _parameter_name(row), heading, _parameter(row)) for row in rows]


def _parameter_name(row: Row) -> str:
    responders = row["statistic"] == "chance" and row["term"] == "responders and resistant"
    return "chance of a responder at every treatment" if responders else _PARAMETERS[row["statistic"]][0]


def _parameter(row: Row) -> str:
    _, value, limit = _PARAMETERS[row["statistic"]]
    spread = limits(row["conf_low"], row["conf_high"], limit)
    return f"{value(row['estimate'])} ({spread})" if spread else value(row["estimate"])
