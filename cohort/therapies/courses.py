"""Therapies given in sessions: esketamine and ketamine, electroconvulsive therapy, psychotherapy."""

from __future__ import annotations

from cohort.therapies.quantity import Quantity, check_quantities


def sessions_in(days: Quantity, sessions_per_week: Quantity) -> Quantity:
    """Return how many sessions a stretch of days holds, with fractions.

    >>> sessions_in(28, 2)
    8.0
    """
    check_quantities(at_least=0, days=days, sessions_per_week=sessions_per_week)
    return days * sessions_per_week / 7


def dose_per_week_mg(dose_mg: Quantity, sessions_per_week: Quantity) -> Quantity:
    """Return the dose of a week: nasal esketamine of 56 mg twice a week for four weeks (from memory) has 112 mg.

    >>> dose_per_week_mg(56, 2)
    112
    """
    check_quantities(at_least=0, dose_mg=dose_mg, sessions_per_week=sessions_per_week)
    return dose_mg * sessions_per_week
