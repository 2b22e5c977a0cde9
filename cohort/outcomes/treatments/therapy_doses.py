"""What a diet, a device or a course of sessions amounted to, from what it was set to and when."""

from __future__ import annotations

import polars as pl

from cohort.errors import RecordError, some
from cohort.outcomes.treatments.courses import courses
from cohort.records.study import Study, check_study
from cohort.therapies.courses import dose_per_week_mg, sessions_in
from cohort.therapies.diet import Rounding, diet_units, fat_energy_percent, fat_g
from cohort.therapies.stimulation import charge_per_day_mc, charge_per_pulse_uc, device_duty, duty_cycle, pulses_per_day

# Each setting's name in SETTINGS, and its units: how many of the first there are in one. No unit stands for the first.
KNOWN_SETTINGS: dict[str, dict[str, float]] = {
    "current": {"mA": 1, "uA": 0.001},
    "pulse width": {"us": 1, "ms": 1000},
    "frequency": {"Hz": 1},
    "on time": {"s": 1, "min": 60},
    "off time": {"s": 1, "min": 60},
    "ratio": {"g/g": 1},
    "energy": {"kcal": 1, "kJ": 1 / 4.184},
    "protein": {"g": 1},
    "sessions a week": {"1/week": 1},
    "dose": {"mg": 1, "g": 1000},
    "bilateral": {"1 yes, 0 no": 1},
}
_THERAPY = ["subject_id", "treatment_no", "drug"]


def therapy_doses(study: Study, *, rounding: Rounding = "none", ramps_s: float = 4) -> pl.DataFrame:
    """Return what each therapy amounted to, from each day on which something was set.

    A setting holds until its next record, or to the end of the course. Settings go by name: of a device "current",
    "pulse width", "frequency", "on time", "off time" (0 where it is never off), of a diet "ratio", "energy" and
    "protein", of a course "sessions a week", "dose" (of one session) and "bilateral" (electroconvulsive therapy: 1 or
    0); others are passed over. What a setting that was not recorded is needed for is null, and so is every total from
    then on: nothing is guessed. Totals begin with the therapy's first settings: before them nothing is taken to have
    been given (a convention; an implant is switched on some weeks after the operation). To see what was known on a day,
    give `study.known_at(day)`.

    Args:
        study: The study.
        rounding: Of a diet's units, "none" or "whole units".
        ramps_s: Seconds of ramps in `device_duty`.

    Returns:
        One row a therapy and day of setting, sorted by subject, treatment and day: `subject_id, treatment_no, drug,
        kind, from_day, to_day`; of stimulation `charge_per_pulse_uc, duty_cycle, device_duty, pulses_per_day,
        charge_per_day_mc`, and `charge_so_far_mc` up to the end of `to_day`; of a diet `fat_g, protein_carbohydrate_g,
        carbohydrate_g, fat_energy_percent`; of a course of sessions `sessions_per_week, dose_per_week_mg,
        sessions_so_far` and `is_bilateral`.

    Raises:
        RecordError: A setting of these has a unit that is not known, or a negative value; a ratio or an energy is 0.
    """
    check_study(study)
    days = _in_days(study)
    return (
        _stimulation(_diet(days, rounding), ramps_s)
        .with_columns(
            sessions_per_week=pl.col("sessions a week"),
            dose_per_week_mg=dose_per_week_mg(pl.col("dose"), pl.col("sessions a week")),
            is_bilateral=pl.col("bilateral") > 0,
            sessions_so_far=_so_far(sessions_in(_days_held(), pl.col("sessions a week"))),
        )
        .drop(KNOWN_SETTINGS)
    )


def _in_days(study: Study) -> pl.DataFrame:
    """Return one row a therapy and day of setting: `kind, from_day, to_day`, and every known setting as it then was."""
    recorded = _known_settings(study.settings)
    columns = [pl.col("value").filter(setting=name).first().alias(name) for name in KNOWN_SETTINGS]
    changed = [pl.col("setting").eq(name).any().alias(f"_{name}") for name in KNOWN_SETTINGS]
    days = recorded.group_by(*_THERAPY, "from_day").agg(*columns, *changed).sort(*_THERAPY, "from_day")
    held = [_held(name) for name in KNOWN_SETTINGS]
    kinds = study.treatments.select(*_THERAPY, "kind", "stop_day")
    ends = courses(study).select("subject_id", "treatment_no", "end")
    following = pl.col("from_day").shift(-1).over(_THERAPY, order_by="from_day") - 1
    return (
        days.with_columns(*held, following=following)
        .join(kinds, on=_THERAPY, how="left")
        .join(ends, on=["subject_id", "treatment_no"], how="left")
        .with_columns(to_day=pl.coalesce("following", "stop_day", pl.max_horizontal("end", "from_day")))
        .select(*_THERAPY, "kind", "from_day", "to_day", *KNOWN_SETTINGS)
        .sort(*_THERAPY, "from_day")
    )


def _held(name: str) -> pl.Expr:
    """Return the setting's latest record, which is null where it was changed and nobody knows to what."""
    record = pl.when(f"_{name}").then(pl.struct(name))
    return record.forward_fill().over(_THERAPY, order_by="from_day").struct.field(name)


def _known_settings(settings: pl.DataFrame) -> pl.DataFrame:
    """Return the settings that are known by name, in the first of their units."""
    units = pl.DataFrame(
        [(name, unit, factor) for name, factors in KNOWN_SETTINGS.items() for unit, factor in factors.items()],
        schema={"setting": pl.String, "unit": pl.String, "factor": pl.Float64},
        orient="row",
    )
    first = {name: next(iter(factors)) for name, factors in KNOWN_SETTINGS.items()}
    ours = settings.filter(pl.col("setting").is_in(list(KNOWN_SETTINGS)))
    ours = ours.with_columns(pl.coalesce("unit", pl.col("setting").replace_strict(first, return_dtype=pl.String)))
    ours = ours.join(units, on=["setting", "unit"], how="left")
    _refuse(ours, pl.col("factor").is_null(), "have a unit that is not known", pl.format("{} in {}", "setting", "unit"))
    positive = pl.col("setting").is_in(["ratio", "energy", "on time"])
    wrong = (pl.col("value") < 0) | (positive & (pl.col("value") == 0))
    _refuse(ours, wrong, "cannot be", pl.format("{} {}", "setting", "value"))
    return ours.with_columns(value=pl.col("value") * pl.col("factor"))


def _refuse(settings: pl.DataFrame, wrong: pl.Expr, what: str, told: pl.Expr) -> None:
    found = settings.filter(wrong)
    if found.height:
        raise RecordError(f"{found.height} settings {what}: {some(found.select(told.unique()).to_series().sort())}")


def _days_held() -> pl.Expr:
    return pl.col("to_day") - pl.col("from_day") + 1


def _so_far(amount: pl.Expr) -> pl.Expr:
    """Return the total up to the row's last day; null once an amount was not known."""
    known = amount.is_not_null().cum_min()
    return pl.when(known).then(amount.cum_sum()).over(_THERAPY, order_by="from_day")


def _stimulation(days: pl.DataFrame, ramps_s: float) -> pl.DataFrame:
    current, width, frequency = pl.col("current"), pl.col("pulse width"), pl.col("frequency")
    on, off = pl.col("on time"), pl.col("off time")
    a_day = charge_per_day_mc(current, width, frequency, on, off)
    return days.with_columns(
        charge_per_pulse_uc=charge_per_pulse_uc(current, width),
        duty_cycle=duty_cycle(on, off),
        device_duty=device_duty(on, off, ramps_s),
        pulses_per_day=pulses_per_day(frequency, on, off),
        charge_per_day_mc=a_day,
        charge_so_far_mc=_so_far(a_day * _days_held()),
    )


def _diet(days: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    energy, ratio = pl.col("energy"), pl.col("ratio")
    units = diet_units(energy, ratio, rounding)
    return days.with_columns(
        fat_g=fat_g(energy, ratio, rounding),
        protein_carbohydrate_g=units,
        carbohydrate_g=units - pl.col("protein"),
        fat_energy_percent=fat_energy_percent(ratio),
    )
