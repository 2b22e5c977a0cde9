"""Drugs and other therapies: doses, classes, mechanisms, suitability, half-lives; tables, each row with its source."""

from __future__ import annotations

from cohort.drugs.doses import DoseTable, MinimumDose
from cohort.drugs.names import canonical
from cohort.drugs.suitability import Grade, SuitabilityTable
from cohort.drugs.tables import (
    ANTIDEPRESSANT_DOSES,
    ANTISEIZURE_CHILDREN,
    ANTISEIZURE_HALF_DDD,
    ANTISEIZURE_SUITABILITY,
    ATHF_DOSES,
    ATRQ_DOSES,
    AUGMENTATION,
    drug_facts,
)

__all__ = [
    "ANTIDEPRESSANT_DOSES",
    "ANTISEIZURE_CHILDREN",
    "ANTISEIZURE_HALF_DDD",
    "ANTISEIZURE_SUITABILITY",
    "ATHF_DOSES",
    "ATRQ_DOSES",
    "AUGMENTATION",
    "DoseTable",
    "Grade",
    "MinimumDose",
    "SuitabilityTable",
    "canonical",
    "drug_facts",
]
