"""Truths after published studies, each number with its source."""

from __future__ import annotations

from synthetic_data.estimands import Truth
from synthetic_data.presets.add_on import ADD_ON_EPILEPSY
from synthetic_data.presets.clinic import (
    BRODIE_2012,
    CHEN_2018,
    EPILEPSY_CLINIC,
    KWAN_BRODIE_2000,
    RESISTANT_CLINIC,
)
from synthetic_data.presets.hamd import HAMD_MIXTURE, HAMD_STUDY
from synthetic_data.presets.natural_history import DIARY_YEAR
from synthetic_data.presets.sequenced import STARD_2006, STARD_2023

PRESETS: dict[str, Truth] = {
    "hamd": HAMD_STUDY,
    "epilepsy_clinic": EPILEPSY_CLINIC,
    "hamd_mixture": HAMD_MIXTURE,
    "kwan_brodie_2000": KWAN_BRODIE_2000,
    "brodie_2012": BRODIE_2012,
    "chen_2018": CHEN_2018,
    "resistant_clinic": RESISTANT_CLINIC,
    "add_on_epilepsy": ADD_ON_EPILEPSY,
    "diary_year": DIARY_YEAR,
    "stard_2006": STARD_2006,
    "stard_2023": STARD_2023,
}
"""Every preset by the name that the command line takes."""

__all__ = [
    "ADD_ON_EPILEPSY",
    "BRODIE_2012",
    "CHEN_2018",
    "DIARY_YEAR",
    "EPILEPSY_CLINIC",
    "HAMD_MIXTURE",
    "HAMD_STUDY",
    "KWAN_BRODIE_2000",
    "PRESETS",
    "RESISTANT_CLINIC",
    "STARD_2006",
    "STARD_2023",
]
