"""Published definitions by name, as a study file may call them."""

from __future__ import annotations

from cohort.criteria.criterion import Criterion
from cohort.criteria.populations import HAMD17_ABOVE_REMISSION
from cohort.criteria.retention import RETENTION
from cohort.criteria.scores import HAMD17_REMISSION, HAMD17_RESPONSE
from cohort.criteria.seizures import (
    ILAE_2010_FREEDOM,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_75,
    SEIZURE_RESPONSE_100,
)

PUBLISHED: dict[str, Criterion] = {
    "HAMD17_REMISSION": HAMD17_REMISSION,
    "HAMD17_RESPONSE": HAMD17_RESPONSE,
    "HAMD17_ABOVE_REMISSION": HAMD17_ABOVE_REMISSION,
    "SEIZURE_RESPONSE_50": SEIZURE_RESPONSE_50,
    "SEIZURE_RESPONSE_75": SEIZURE_RESPONSE_75,
    "SEIZURE_RESPONSE_100": SEIZURE_RESPONSE_100,
    "ILAE_2010_FREEDOM": ILAE_2010_FREEDOM,
    "RETENTION": RETENTION,
}
