"""Truths after published studies, each number with its source."""

from __future__ import annotations

from synthetic_data.clinic.truth import ClinicTruth
from synthetic_data.hamd.truth import HamdTruth
from synthetic_data.presets.clinic import EPILEPSY_CLINIC
from synthetic_data.presets.hamd import HAMD_STUDY

PRESETS: dict[str, HamdTruth | ClinicTruth] = {"hamd": HAMD_STUDY, "epilepsy_clinic": EPILEPSY_CLINIC}

__all__ = ["EPILEPSY_CLINIC", "HAMD_STUDY", "PRESETS"]
