"""Whether a coefficient of a Cox regression stays the same: its residuals over time with a smooth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analyses.displays.figure_style import INK, PALETTE, RULE, grammar, house_theme
from analyses.displays.format import chi_square, level_text
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.changing_smooth import ChangingEffect, changing_effect
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.fitted_cox import cox_model
from analyses.estimates.regression.proportional import (
    Transform,
    check_transform,
    proportional_hazards_test,
    variables_of,
)
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import ggplot

_TICKS = 7
_SCALES = {"km": "spaced by 1 - S(t)", "identity": "", "log": "log scale", "rank": "spaced by rank"}


def proportional_hazards_figure(
    fit: Estimates,
    variable: str | None = None,
    *,
    transform: Transform = "km",
    x_label: str = "Days",
    title: str | None = None,
) -> ggplot:
    """Return scaled Schoenfeld residuals of one coefficient over time, with a smooth, its band and the constant.

    A point is an event; the smooth (a natural cubic spline with four coefficients) tells how the log hazard ratio
    changes. If hazards are proportional, the dashed line, which is the coefficient, stays within the band. The
    caption gives the test of the variable. Few events, or events on few days, have no smooth.

    Args:
        fit: What `cox` returned.
        variable: The variable, or of a factor with several levels "variable: level", or the coefficient's own name;
            needed where the model has more than one coefficient.
        transform: The function of time along the axis, as in `proportional_hazards_test`.
        x_label: The time axis.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: `fit` is not a Cox regression with Efron's or Breslow's treatment of ties; the variable is none
            of its coefficients, or has several; the transform cannot be used (see `proportional_hazards_test`).
    """
    model = cox_model(fit, "proportional_hazards_figure()")
    check_transform(model, transform)
    column = _column(model, variable)
    effect = changing_effect(model, column, transform)
    y_label = f"Log hazard ratio over time, {_named(model.design.coefficients[column])} ({level_text(fit.confidence)})"
    spaced = f" ({_SCALES[transform]})" if _SCALES[transform] else ""
    p = grammar()
    made: ggplot = (
        p.ggplot()
        + p.geom_hline(yintercept=0, color=RULE, size=0.6)
        + _layers(effect, normal_quantile(fit.confidence))
        + _axis(effect)
        + house_theme(7.5, 4.6 if title else 4.3)
        + p.theme(axis_title_y=p.element_blank(), panel_grid_major_y=p.element_line(color=RULE, size=0.4))
        + p.labs(
            x=x_label + spaced, y=y_label, title=title, subtitle=y_label, caption=_tested(fit, model, column, transform)
        )
    )
    return made


def _column(model: CoxModel, variable: str | None) -> int:
    coefficients = model.design.coefficients
    fitting = [
        number
        for number, coefficient in enumerate(coefficients)
        if variable in {None, coefficient.name, coefficient.term, f"{coefficient.term}: {coefficient.group}"}
    ]
    if len(fitting) == 1:
        return fitting[0]
    if variable is not None and not fitting:
        raise EstimationError(f"{variable!r} is no coefficient; the model has {some(map(_choice, coefficients), 12)}")
    asked = "" if variable is None else f" of {variable!r}"
    raise EstimationError(
        f"{len(fitting)} coefficients{asked} could be drawn; name one: "
        f"{some((_choice(coefficients[number]) for number in fitting), 12)}"
    )


def _choice(coefficient: Coefficient) -> str:
    return coefficient.term if coefficient.group is None else f"{coefficient.term}: {coefficient.group}"


def _named(coefficient: Coefficient) -> str:
    if coefficient.group is None:
        return coefficient.term
    versus = f" v {coefficient.reference}" if coefficient.reference else ""
    return f"{coefficient.term}: {coefficient.group}{versus}"


def _layers(effect: ChangingEffect, z: float) -> list[object]:
    p = grammar()
    points = pl.DataFrame({"place": effect.place, "residual": effect.residual})
    layers: list[object] = [p.geom_point(p.aes("place", "residual"), points, color=INK, alpha=0.4, size=1.5, stroke=0)]
    if len(effect.smooth):
        reach = z * effect.std_error
        smooth = pl.DataFrame(
            {
                "place": effect.smooth_place,
                "height": effect.smooth,
                "low": effect.smooth - reach,
                "high": effect.smooth + reach,
            }
        )
        layers += [
            p.geom_ribbon(p.aes("place", ymin="low", ymax="high"), smooth, fill=PALETTE[0], alpha=0.22),
            p.geom_line(p.aes("place", "height"), smooth, color=PALETTE[0], size=1),
        ]
    constant = p.geom_hline(yintercept=effect.coefficient, color=PALETTE[1], linetype="dashed", size=0.8)
    return [*layers, constant]


def _axis(effect: ChangingEffect) -> object:
    """Return the axis: days evenly spread along the function of time."""
    p = grammar()
    wanted = np.linspace(effect.place.min(), effect.place.max(), _TICKS)
    nearest = np.unique(np.searchsorted(effect.place, wanted).clip(0, len(effect.place) - 1))
    chosen = {float(effect.day[number]): float(effect.place[number]) for number in nearest}
    return p.scale_x_continuous(breaks=list(chosen.values()), labels=[f"{day:g}" for day in chosen])


def _tested(fit: Estimates, model: CoxModel, column: int, transform: Transform) -> str:
    (variable,) = (name for name, columns in variables_of(model).items() if column in columns)
    found = proportional_hazards_test(fit, transform=transform).frame.filter(term=variable).row(0, named=True)
    if found["estimate"] is None:
        return f"Dashed: as if it did not change ({variable}: the data cannot tell whether it does)"
    test = chi_square(found["estimate"], found["df"], found["p_value"])
    return f"Dashed: as if it did not change (test of that for {variable}: {test})"
