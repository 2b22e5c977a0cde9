"""Truth in, records out: simulated studies whose true values are known.

The verbs are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthetic_data.add_on.truth import AddOnTruth
    from synthetic_data.blemishes.messy import write_messy
    from synthetic_data.clinic.truth import ClinicTruth, Prescription, Relapse, Therapy, Titration
    from synthetic_data.diary.truth import Diary
    from synthetic_data.hamd.mechanisms import Dosing, Entry, ResponseClass
    from synthetic_data.hamd.truth import HamdTruth
    from synthetic_data.natural_history.truth import NaturalHistoryTruth
    from synthetic_data.presets import (
        ADD_ON_EPILEPSY,
        BRODIE_2012,
        CHEN_2018,
        DIARY_YEAR,
        EPILEPSY_CLINIC,
        HAMD_MIXTURE,
        HAMD_STUDY,
        KWAN_BRODIE_2000,
        PRESETS,
        RESISTANT_CLINIC,
        STARD_2006,
        STARD_2023,
    )
    from synthetic_data.sequenced.truth import SequencedTruth
    from synthetic_data.simulation import simulate, simulate_blocks, simulate_with_latent
    from synthetic_data.succession.frailty import Beta, LogitNormal, TwoClasses
    from synthetic_data.succession.truth import RiskFactor, Succession

_HOMES = {
    "ADD_ON_EPILEPSY": "synthetic_data.presets",
    "AddOnTruth": "synthetic_data.add_on.truth",
    "BRODIE_2012": "synthetic_data.presets",
    "Beta": "synthetic_data.succession.frailty",
    "CHEN_2018": "synthetic_data.presets",
    "ClinicTruth": "synthetic_data.clinic.truth",
    "DIARY_YEAR": "synthetic_data.presets",
    "Diary": "synthetic_data.diary.truth",
    "Dosing": "synthetic_data.hamd.mechanisms",
    "EPILEPSY_CLINIC": "synthetic_data.presets",
    "Entry": "synthetic_data.hamd.mechanisms",
    "HAMD_MIXTURE": "synthetic_data.presets",
    "HAMD_STUDY": "synthetic_data.presets",
    "HamdTruth": "synthetic_data.hamd.truth",
    "KWAN_BRODIE_2000": "synthetic_data.presets",
    "LogitNormal": "synthetic_data.succession.frailty",
    "NaturalHistoryTruth": "synthetic_data.natural_history.truth",
    "PRESETS": "synthetic_data.presets",
    "Prescription": "synthetic_data.clinic.truth",
    "RESISTANT_CLINIC": "synthetic_data.presets",
    "Relapse": "synthetic_data.clinic.truth",
    "ResponseClass": "synthetic_data.hamd.mechanisms",
    "RiskFactor": "synthetic_data.succession.truth",
    "STARD_2006": "synthetic_data.presets",
    "STARD_2023": "synthetic_data.presets",
    "SequencedTruth": "synthetic_data.sequenced.truth",
    "Succession": "synthetic_data.succession.truth",
    "Therapy": "synthetic_data.clinic.truth",
    "Titration": "synthetic_data.clinic.truth",
    "TwoClasses": "synthetic_data.succession.frailty",
    "simulate": "synthetic_data.simulation",
    "simulate_blocks": "synthetic_data.simulation",
    "simulate_with_latent": "synthetic_data.simulation",
    "write_messy": "synthetic_data.blemishes.messy",
}

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
    "AddOnTruth",
    "Beta",
    "ClinicTruth",
    "Diary",
    "Dosing",
    "Entry",
    "HamdTruth",
    "LogitNormal",
    "NaturalHistoryTruth",
    "Prescription",
    "Relapse",
    "ResponseClass",
    "RiskFactor",
    "SequencedTruth",
    "Succession",
    "Therapy",
    "Titration",
    "TwoClasses",
    "simulate",
    "simulate_blocks",
    "simulate_with_latent",
    "write_messy",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazily loaded export can be anything
    if name not in _HOMES:
        raise AttributeError(f"module 'synthetic_data' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
