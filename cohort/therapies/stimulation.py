"""Stimulation of the vagus nerve or of the brain: charge, duty cycle, pulses, from what the device is set to."""

from __future__ import annotations

import polars as pl

from cohort.therapies.quantity import Quantity, check_quantities

SECONDS_PER_DAY = 86_400


def charge_per_pulse_nc(current_ma: Quantity, pulse_width_us: Quantity) -> Quantity:
    """Return the charge of one pulse in nanocoulombs: current times width.

    >>> charge_per_pulse_nc(1.5, 250)
    375.0
    """
    check_quantities(at_least=0, current_ma=current_ma, pulse_width_us=pulse_width_us)
    return current_ma * pulse_width_us


def charge_per_pulse_uc(current_ma: Quantity, pulse_width_us: Quantity) -> Quantity:
    """Return the charge of one pulse in microcoulombs.

    >>> charge_per_pulse_uc(1.5, 250)
    0.375
    """
    return charge_per_pulse_nc(current_ma, pulse_width_us) / 1000


def duty_cycle(on_s: Quantity, off_s: Quantity) -> Quantity:
    """Return the share of time at full current: on / (on + off).

    >>> round(duty_cycle(30, 300), 4)
    0.0909
    """
    check_quantities(above=0, on_s=on_s)
    check_quantities(at_least=0, off_s=off_s)
    return on_s / (on_s + off_s)


def device_duty(on_s: Quantity, off_s: Quantity, ramps_s: float = 4) -> Quantity:
    """Return the duty cycle as manufacturers of vagus nerve stimulators print it: with the ramps, at most 1.

    Two seconds up and two down (from memory; 30/300 gives their 10 percent, 7/18 their 44): (on + ramps) / (on + off).
    A device that is never off, such as a brain stimulator, has 1.

    >>> round(device_duty(30, 300), 3)
    0.103
    """
    check_quantities(above=0, on_s=on_s)
    check_quantities(at_least=0, off_s=off_s, ramps_s=ramps_s)
    duty = (on_s + ramps_s) / (on_s + off_s)
    return duty.clip(upper_bound=1) if isinstance(duty, pl.Expr) else min(duty, 1.0)


def pulses_per_day(frequency_hz: Quantity, on_s: Quantity, off_s: Quantity) -> Quantity:
    """Return the pulses of a day at full current; ramps are left out.

    >>> round(pulses_per_day(20, 30, 300))
    157091
    """
    check_quantities(at_least=0, frequency_hz=frequency_hz)
    return frequency_hz * SECONDS_PER_DAY * duty_cycle(on_s, off_s)


def charge_per_day_mc(
    current_ma: Quantity, pulse_width_us: Quantity, frequency_hz: Quantity, on_s: Quantity, off_s: Quantity
) -> Quantity:
    """Return the charge of a day in millicoulombs.

    >>> round(charge_per_day_mc(1.5, 250, 20, 30, 300), 1)
    58.9
    """
    return charge_per_pulse_uc(current_ma, pulse_width_us) * pulses_per_day(frequency_hz, on_s, off_s) / 1000
