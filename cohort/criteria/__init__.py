"""Frozen clinical rules, each with its source; published definitions are constants."""

from __future__ import annotations

from typing import Protocol

from cohort.criteria.endpoint import EVER, LAST_OBSERVED, Endpoint
from cohort.criteria.populations import HAMD17_ABOVE_REMISSION, AboveAtEntry
from cohort.criteria.retention import RETENTION, Retention
from cohort.criteria.scores import HAMD17_REMISSION, HAMD17_RESPONSE, Remission, Response
from cohort.criteria.seizures import (
    ILAE_2010_FREEDOM,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_75,
    SEIZURE_RESPONSE_100,
    Period,
    SeizureFreedom,
    SeizureResponse,
)


class Criterion(Protocol):
    """What every criterion says of itself."""

    @property
    def source(self) -> str:
        """Who defined it."""

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""

    @property
    def definition(self) -> str:
        """The rule in a sentence."""


# Published definitions by name, as a study file may call them.
PUBLISHED: dict[str, Remission | Response | SeizureResponse | SeizureFreedom | Retention | AboveAtEntry] = {
    "HAMD17_REMISSION": HAMD17_REMISSION,
    "HAMD17_RESPONSE": HAMD17_RESPONSE,
    "HAMD17_ABOVE_REMISSION": HAMD17_ABOVE_REMISSION,
    "SEIZURE_RESPONSE_50": SEIZURE_RESPONSE_50,
    "SEIZURE_RESPONSE_75": SEIZURE_RESPONSE_75,
    "SEIZURE_RESPONSE_100": SEIZURE_RESPONSE_100,
    "ILAE_2010_FREEDOM": ILAE_2010_FREEDOM,
    "RETENTION": RETENTION,
}

__all__ = [
    "EVER",
    "HAMD17_ABOVE_REMISSION",
    "HAMD17_REMISSION",
    "HAMD17_RESPONSE",
    "ILAE_2010_FREEDOM",
    "LAST_OBSERVED",
    "PUBLISHED",
    "RETENTION",
    "SEIZURE_RESPONSE_50",
    "SEIZURE_RESPONSE_75",
    "SEIZURE_RESPONSE_100",
    "AboveAtEntry",
    "Criterion",
    "Endpoint",
    "Period",
    "Remission",
    "Response",
    "Retention",
    "SeizureFreedom",
    "SeizureResponse",
]
