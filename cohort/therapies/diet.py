"""The classic ketogenic diet: from energy and ratio to grams.

A unit of the diet holds `ratio` grams of fat and one gram of protein and carbohydrate together: 9 x ratio + 4 kcal. The
ratio is fat to protein and carbohydrate by weight (4 for 4:1).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, get_args

from cohort.errors import CohortError
from cohort.therapies.quantity import Quantity, check_quantities

Rounding = Literal["none", "whole units"]

FAT_KCAL_PER_G, OTHER_KCAL_PER_G = 9, 4


def diet_units(energy_kcal: Quantity, ratio: Quantity, rounding: Rounding = "none") -> Quantity:
    """Return the units of a day's diet.

    Args:
        energy_kcal: The day's energy.
        ratio: Grams of fat for each gram of protein and carbohydrate.
        rounding: "none", or to the nearest "whole units", a half upwards: a published order of 1224 kcal at 3:1 is one
            of 39 units. Which one a clinic follows is a convention.

    Raises:
        CohortError: Energy or ratio is not above 0, or there is no such rounding.

    >>> diet_units(1200, 4), diet_units(1224, 3, "whole units")
    (30.0, 39.0)
    """
    if rounding not in get_args(Rounding):
        raise CohortError(f"rounding is {' or '.join(map(repr, get_args(Rounding)))}, not {rounding!r}")
    check_quantities(above=0, energy_kcal=energy_kcal, ratio=ratio)
    units = energy_kcal / (FAT_KCAL_PER_G * ratio + OTHER_KCAL_PER_G)
    return (units + 0.5) // 1 if rounding == "whole units" else units


def fat_g(energy_kcal: Quantity, ratio: Quantity, rounding: Rounding = "none") -> Quantity:
    """Return the day's grams of fat.

    >>> fat_g(1200, 4)
    120.0
    """
    return ratio * diet_units(energy_kcal, ratio, rounding)


def protein_carbohydrate_g(energy_kcal: Quantity, ratio: Quantity, rounding: Rounding = "none") -> Quantity:
    """Return the day's grams of protein and carbohydrate together; what protein does not take is carbohydrate.

    >>> protein_carbohydrate_g(1200, 4)
    30.0
    """
    return diet_units(energy_kcal, ratio, rounding)


def fat_energy_percent(ratio: Quantity) -> Quantity:
    """Return the percentage of the energy that comes from fat.

    >>> fat_energy_percent(4)
    90.0
    """
    check_quantities(above=0, ratio=ratio)
    return 100 * FAT_KCAL_PER_G * ratio / (FAT_KCAL_PER_G * ratio + OTHER_KCAL_PER_G)


def faults_in_diet(
    *,
    energy_kcal: float,
    ratio: float,
    fat_g: float,
    protein_carbohydrate_g: float,
    ratio_within: float = 0.1,
    energy_within_percent: float = 2,
) -> list[str]:
    """Return what does not fit in an order of a diet, in words; an order that fits has no fault.

    Numbers are compared as they are written, so that a ratio of 3.9 is exactly 0.1 from 4.

    Args:
        energy_kcal: The energy ordered.
        ratio: The ratio ordered.
        fat_g: The fat ordered.
        protein_carbohydrate_g: Protein and carbohydrate ordered, together.
        ratio_within: How far the ratio of the grams may lie from the ratio ordered (a convention).
        energy_within_percent: How far the energy of the grams may lie from the energy ordered (a convention).

    >>> faults_in_diet(energy_kcal=1224, ratio=3, fat_g=117, protein_carbohydrate_g=39)
    []
    >>> faults_in_diet(energy_kcal=1200, ratio=4, fat_g=100, protein_carbohydrate_g=30)
    ['100 g of fat to 30 g is 3.33:1, not 4:1', '1020 kcal are in the grams, not 1200']
    """
    check_quantities(above=0, energy_kcal=energy_kcal, ratio=ratio, protein_carbohydrate_g=protein_carbohydrate_g)
    check_quantities(at_least=0, fat_g=fat_g, ratio_within=ratio_within, energy_within_percent=energy_within_percent)
    ordered, wanted = _exactly(ratio), _exactly(energy_kcal)
    fat, other = _exactly(fat_g), _exactly(protein_carbohydrate_g)
    found, energy = fat / other, FAT_KCAL_PER_G * fat + OTHER_KCAL_PER_G * other
    faults = []
    if abs(found - ordered) > _exactly(ratio_within):
        grams = f"{fat_g:g} g of fat to {protein_carbohydrate_g:g} g"
        faults.append(f"{grams} is {float(found):.3g}:1, not {ratio:g}:1")
    if abs(energy - wanted) > wanted * _exactly(energy_within_percent) / 100:
        faults.append(f"{float(energy):g} kcal are in the grams, not {energy_kcal:g}")
    return faults


def _exactly(value: float) -> Fraction:
    return Fraction(str(value))
