"""The page of the drug tables, made from the package's data: `python -m tests.drugs_page` writes docs/drugs.md."""

from pathlib import Path

import polars as pl

from cohort.drugs.resources import resource

PAGE = Path(__file__).parents[1] / "docs/drugs.md"
HEAD = """# Drugs

Made from the tables in `cohort/drugs` by `python -m tests.drugs_page`; a test holds that it is up to date. Each row of
the tables has its source; what is from memory, and was not held against a publication, says so. Doses are mg a day.

```python
from cohort.drugs import ANTISEIZURE_HALF_DDD, ANTISEIZURE_SUITABILITY, drug_facts

ANTISEIZURE_HALF_DDD.frame  # drug, minimum, minimum_per_kg, from_age, to_age, min_days, source
ANTISEIZURE_SUITABILITY.suits("CBZ", syndrome="JME")  # False
drug_facts().filter(drug="levetiracetam").row(0, named=True)["mechanism"]  # 'SV2A'
```

A table of your own takes the place of any of these, and the definition that it makes is another one, under another
label:

```python
from dataclasses import replace
from pathlib import Path

from cohort.criteria import ANTISEIZURE_ADEQUACY
from cohort.drugs import DoseTable

Path("our_clinic.csv").write_text("drug,minimum,source\\nlevetiracetam,1000,our clinic\\n")
ours = replace(ANTISEIZURE_ADEQUACY, doses=DoseTable.read("our_clinic.csv"), children=None)
ours.label  # 'adequate treatment (our clinic, 28 days), suitability, 5 half-lives to settle'
```

`DoseTable.read` takes the columns `drug` and `source`, and may have `minimum`, `minimum_per_kg`, `from_age`, `to_age`
(below that age) and `min_days`; without a dose, any dose counts. `SuitabilityTable.read` takes `drug`, `against` (a
seizure type or a syndrome), `grade` and `source`. A drug may bear any of its names below.
"""
FACTS = ["drug", "atc", "drug_class", "mechanism", "half_life_hours"]


def page():
    """The whole page as text."""
    return "\n".join([HEAD, *(line for part in PARTS for line in part())]).rstrip() + "\n"


def antiseizure():
    grades = ["focal", "tonic_clonic", "absence", "myoclonic"]
    yield from (
        "## Antiseizure medicines",
        "",
        "`ANTISEIZURE_HALF_DDD` asks adults for half of the defined daily dose (DDD), `ANTISEIZURE_SUITABILITY` judges",
        "by seizure type: `+` appropriate, `a` adjunct or limited, `a/-` the same and sometimes aggravating, `0` not",
        "effective, `-` may aggravate. The first three suit.",
        "",
    )
    half = (pl.col("ddd").cast(pl.Float64) / 2).map_elements("{:g}".format, pl.String).alias("half")
    table = resource("antiseizure").with_columns(half)
    yield from rows(table, [*FACTS, "ddd", "half", *grades, "notes", "confirmed"])
    yield from sources(table)


def children():
    yield from (
        "## Children",
        "",
        "`ANTISEIZURE_CHILDREN` asks for the low end of the target dose per kg of weight, at most half of the adult",
        "DDD, or for a flat dose; target and maximum are shown beside it and used by no rule.",
        "",
    )
    table = resource("antiseizure_children")
    yield from rows(table, [name for name in table.columns if name != "source"])
    yield from sources(table)


def syndromes():
    yield from (
        "## Syndromes",
        "",
        "A rule for a syndrome overrules the seizure types. Where no seizure type is recorded, those of the syndrome",
        "count; a syndrome without types here leaves those of its epilepsy type open.",
        "",
    )
    yield from rows(resource("syndrome_rules"), ["syndrome", "drug", "grade", "notes", "source"])
    yield from rows(resource("syndromes"), ["syndrome", "epilepsy_type", "seizure_types", "source"])


def antidepressants():
    yield from (
        "## Antidepressants",
        "",
        "`ANTIDEPRESSANT_DOSES` asks for `minimum` (`min_days` where the drug has its own), `ATRQ_DOSES` for `atrq`",
        "(the MGH Antidepressant Treatment Response Questionnaire), `ATHF_DOSES` for `athf_low` (rating 3 of the",
        "Antidepressant Treatment History Form, up to `athf_high`). The DDD is no threshold for antidepressants.",
        "",
    )
    doses = ["ddd", "usual_low", "atrq", "athf_low", "athf_high", "minimum", "min_days", "notes"]
    yield from rows(resource("antidepressants"), [*FACTS, *doses])
    yield from sources(resource("antidepressants"))


def augmentation():
    yield from ("## Augmentation", "", "`AUGMENTATION`; where no minimum is given, any dose counts.", "")
    table = resource("augmentation")
    yield from rows(table, [*FACTS, "minimum", "min_weeks", "max_weeks", "notes"])
    yield from sources(table)


def names():
    yield from ("## Names", "", "A name that is not known stays as it is, in lower case. All from memory.", "")
    known = resource("names").group_by("kind", "word", maintain_order=True).agg(pl.col("name").str.join(", "))
    yield from rows(known, ["kind", "word", "name"])


def rows(table, columns):
    yield f"| {' | '.join(name.replace('_', ' ') for name in columns)} |"
    yield "|" + "---|" * len(columns)
    for row in table.select(pl.col(columns).fill_null("")).rows():
        yield f"| {' | '.join(row)} |"
    yield ""


def sources(table):
    for source in table["source"].unique(maintain_order=True):
        yield f"Source: {source}."
    yield ""


PARTS = [antiseizure, children, syndromes, antidepressants, augmentation, names]

if __name__ == "__main__":
    PAGE.write_text(page())
