"""Frozen clinical rules, each with its source; published definitions are constants."""

from __future__ import annotations

from cohort.criteria.criterion import Criterion
from cohort.criteria.endpoint import EVER, LAST_OBSERVED, Endpoint
from cohort.criteria.populations import HAMD17_ABOVE_REMISSION, AboveAtEntry
from cohort.criteria.published import PUBLISHED
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
