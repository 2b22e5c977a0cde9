"""Truth in, records out: simulated studies whose true values are known.

The verbs are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthetic_data.blemishes.messy import write_messy
    from synthetic_data.clinic.truth import ClinicTruth
    from synthetic_data.hamd.truth import HamdTruth
    from synthetic_data.presets import EPILEPSY_CLINIC, HAMD_STUDY, PRESETS
    from synthetic_data.simulation import simulate, simulate_blocks, simulate_with_latent

_HOMES = {
    "ClinicTruth": "synthetic_data.clinic.truth",
    "EPILEPSY_CLINIC": "synthetic_data.presets",
    "HAMD_STUDY": "synthetic_data.presets",
    "HamdTruth": "synthetic_data.hamd.truth",
    "PRESETS": "synthetic_data.presets",
    "simulate": "synthetic_data.simulation",
    "simulate_blocks": "synthetic_data.simulation",
    "simulate_with_latent": "synthetic_data.simulation",
    "write_messy": "synthetic_data.blemishes.messy",
}

__all__ = [
    "EPILEPSY_CLINIC",
    "HAMD_STUDY",
    "PRESETS",
    "ClinicTruth",
    "HamdTruth",
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
