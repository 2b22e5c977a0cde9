"""Truths after published studies, each number with its source."""

from __future__ import annotations

from synthetic_data.estimands import Truth
from synthetic_data.presets.clinic import EPILEPSY_CLINIC
from synthetic_data.presets.hamd import HAMD_STUDY
from synthetic_data.presets.natural_history import DIARY_YEAR

PRESETS: dict[str, Truth] = {
    "hamd": HAMD_STUDY,
    "epilepsy_clinic": EPILEPSY_CLINIC,
    "diary_year": DIARY_YEAR,
}
"""Every preset by the name that the command line takes."""

__all__ = ["DIARY_YEAR", "EPILEPSY_CLINIC", "HAMD_STUDY", "PRESETS"]
