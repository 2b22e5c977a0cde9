"""The published tables of this package, and the facts about drugs."""

from __future__ import annotations

from functools import cache

import polars as pl

from cohort.drugs.doses import DoseTable, rows_of
from cohort.drugs.names import SEIZURE_TYPES
from cohort.drugs.resources import numbers, resource
from cohort.drugs.suitability import Grade, SuitabilityTable

FIELDS = {"antiseizure": "antiseizure", "antidepressant": "antidepressants", "augmentation": "augmentation"}

_WHO = "WHO ATC/DDD index 2026"
_MEMORY = "from memory, not confirmed"


@cache
def drug_facts() -> pl.DataFrame:
    """Return what is known of each drug, one row a drug and field of use.

    Columns: `drug, field` ("antiseizure", "antidepressant", "augmentation"), `drug_class, mechanism, atc,
    half_life_hours` (null where it is not known well; as a rule from memory), `source`.
    """
    facts = ["drug", "drug_class", "mechanism", "atc", "half_life_hours", "source"]
    tables = [resource(table).select(pl.lit(field).alias("field"), *facts) for field, table in FIELDS.items()]
    return pl.concat(tables).select(
        "drug", "field", "drug_class", "mechanism", "atc", *numbers("half_life_hours"), "source"
    )


def _half_ddd() -> DoseTable:
    halves = resource("antiseizure").select(
        "drug", *(number / 2 for number in numbers("ddd")), source=pl.lit(f"half of the DDD, {_WHO}")
    )
    return DoseTable(
        "half DDD",
        "Half of the defined daily dose, for adults",
        rows_of(halves.rename({"ddd": "minimum"})),
        f"{_WHO}; half of it as a convention of cohort studies",
    )


def _children() -> DoseTable:
    cap = resource("antiseizure").select("drug", *(number / 2 for number in numbers("ddd")))
    table = (
        resource("antiseizure_children")
        .with_columns(numbers("minimum_per_kg", "minimum_flat"))
        .join(cap, on="drug", how="left", maintain_order="left")
        .select("drug", pl.coalesce("minimum_flat", "ddd").alias("minimum"), "minimum_per_kg", "source")
    )
    title = "Low end of the target dose by weight, for children, at most half of the adult DDD"
    return DoseTable("children by weight", title, rows_of(table), f"{_MEMORY}; the cap: {_WHO}")


def _antidepressants(column: str, name: str, title: str, source: str, *, own_days: bool = False) -> DoseTable:
    table = resource("antidepressants").with_columns(numbers(column, "min_days")).drop_nulls(column)
    days = pl.col("min_days") if own_days else pl.lit(None, pl.Float64).alias("min_days")
    rows = table.select("drug", pl.col(column).alias("minimum"), days, source=pl.lit(source))
    return DoseTable(name, title, rows_of(rows), source)


def _augmentation() -> DoseTable:
    rows = resource("augmentation").select("drug", *numbers("minimum"), "source")
    return DoseTable("augmentation", "Agents added to an antidepressant", rows_of(rows), _MEMORY)


def _suitability() -> SuitabilityTable:
    columns = {"focal": "focal", "tonic_clonic": "tonic-clonic", "absence": "absence", "myoclonic": "myoclonic"}
    assert tuple(columns.values()) == SEIZURE_TYPES
    by_type = [
        Grade(row["drug"], against, row[column], _MEMORY)
        for row in resource("antiseizure").to_dicts()
        for column, against in columns.items()
    ]
    rules = resource("syndrome_rules").select("drug", "syndrome", "grade", "source").rows()
    return SuitabilityTable(
        "suitability", (*by_type, *(Grade(*row) for row in rules)), f"{_MEMORY}, save what the rows say"
    )


ANTISEIZURE_HALF_DDD = _half_ddd()
ANTISEIZURE_CHILDREN = _children()
ANTISEIZURE_SUITABILITY = _suitability()
ANTIDEPRESSANT_DOSES = _antidepressants(
    "minimum",
    "antidepressant minimum",
    "Least adequate dose of an antidepressant, for adults",
    "convention of this package, between the defined daily dose, the usual low dose and the questionnaire's",
    own_days=True,
)
ATRQ_DOSES = _antidepressants(
    "atrq",
    "ATRQ minimum",
    "Least adequate dose in the MGH Antidepressant Treatment Response Questionnaire",
    f"MGH-ATRQ, {_MEMORY}",
)
ATHF_DOSES = _antidepressants(
    "athf_low",
    "ATHF rating 3",
    "Lower end of rating 3 in the Antidepressant Treatment History Form",
    f"ATHF, {_MEMORY}",
)
AUGMENTATION = _augmentation()
