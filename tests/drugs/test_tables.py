"""The tables that ship: as published, in each row a source, read through the package's resources."""

from importlib.resources import files

import polars as pl
import pytest

from cohort.drugs import (
    ANTIDEPRESSANT_DOSES,
    ANTISEIZURE_CHILDREN,
    ANTISEIZURE_HALF_DDD,
    ANTISEIZURE_SUITABILITY,
    ATHF_DOSES,
    ATRQ_DOSES,
    AUGMENTATION,
    canonical,
    drug_facts,
)
from cohort.drugs.names import known_word
from cohort.drugs.resources import resource

# DDD in mg; focal, tonic-clonic, absence, myoclonic.
ANTISEIZURE = {
    "carbamazepine": (1000, "+ a - -"),
    "oxcarbazepine": (1000, "+ a - -"),
    "eslicarbazepine": (800, "+ 0 - -"),
    "phenytoin": (300, "+ + - -"),
    "lamotrigine": (300, "+ + + a/-"),
    "lacosamide": (300, "+ a 0 0"),
    "cenobamate": (200, "+ 0 0 0"),
    "rufinamide": (1400, "a a 0 0"),
    "valproate": (1500, "+ + + +"),
    "levetiracetam": (1500, "+ + a +"),
    "brivaracetam": (100, "+ 0 0 0"),
    "topiramate": (300, "+ + 0 a"),
    "zonisamide": (200, "+ a a a"),
    "perampanel": (8, "+ + 0 0"),
    "clobazam": (20, "a a a a"),
    "clonazepam": (8, "a a a a"),
    "phenobarbital": (100, "+ + - a"),
    "primidone": (1250, "+ + - a"),
    "ethosuximide": (1250, "0 0 + 0"),
    "vigabatrin": (2000, "a 0 - -"),
    "tiagabine": (30, "a 0 - -"),
    "gabapentin": (1800, "a 0 - -"),
    "pregabalin": (300, "a 0 - -"),
    "felbamate": (2400, "a a a 0"),
    "stiripentol": (1000, "0 a 0 a"),
    "cannabidiol": (700, "0 a 0 0"),
    "fenfluramine": (14, "0 a 0 0"),
    "sultiame": (400, "a 0 0 0"),
    "acetazolamide": (750, "a a a 0"),
    "methsuximide": (900, "a 0 + a"),
}

# DDD, usual low dose, questionnaire, lower end of rating 3 of the history form, default; "-" for none.
ANTIDEPRESSANTS = """
citalopram 20 20 20 20 20; escitalopram 10 10 10 10 10; fluoxetine 20 20 20 20 20; paroxetine 20 20 20 20 20;
sertraline 50 50 50 100 50; fluvoxamine 100 50 50 200 100; venlafaxine 100 75 150 225 150; desvenlafaxine 50 50 50 - 50;
duloxetine 60 60 60 40 60; levomilnacipran 40 40 40 - 40; milnacipran 100 100 100 - 100; bupropion 300 300 150 300 300;
mirtazapine 30 15 15 30 15; vortioxetine 10 20 10 - 10; vilazodone - 40 40 - 40; agomelatine 25 25 25 - 25;
trazodone 300 200 300 400 300; nefazodone 400 300 300 300 300; amitriptyline 75 150 150 200 150;
imipramine 100 150 150 200 150; desipramine 100 150 150 200 150; clomipramine 100 100 150 200 150;
doxepin 100 100 150 200 150; nortriptyline 75 50 75 76 75; trimipramine 150 150 150 200 150; phenelzine 60 15 45 61 45;
tranylcypromine 10 30 30 41 30; isocarboxazid 15 10 30 - 30; selegiline_transdermal - 6 6 - 6;
moclobemide 300 - 300 - 300; esketamine 8 - - - 16
"""

CHILDREN = {
    "levetiracetam": 20,
    "oxcarbazepine": 20,
    "valproate": 20,
    "lamotrigine": 4,
    "topiramate": 3,
    "carbamazepine": 10,
    "zonisamide": 4,
    "clobazam": 0.3,
    "lacosamide": 6,
    "ethosuximide": 15,
    "vigabatrin": 50,
    "rufinamide": 20,
    "phenobarbital": 3,
    "phenytoin": 4,
    "cannabidiol": 10,
    "fenfluramine": 0.2,
    "stiripentol": 50,
    "brivaracetam": 1,
    "perampanel": None,
}

TABLES = [path.name.removesuffix(".csv") for path in files("cohort.drugs").iterdir() if path.name.endswith(".csv")]


def minima(table):
    return dict(table.frame.select("drug", "minimum").rows())


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source_and_no_row_comes_twice(name):
    table = resource(name)
    assert table["source"].null_count() == 0
    assert not table.is_duplicated().any()


def test_tables_that_ship():
    assert sorted(TABLES) == [
        "antidepressants",
        "antiseizure",
        "antiseizure_children",
        "augmentation",
        "names",
        "syndrome_rules",
        "syndromes",
    ]


def test_antiseizure_doses_are_half_of_the_ddd():
    assert minima(ANTISEIZURE_HALF_DDD) == {drug: ddd / 2 for drug, (ddd, _) in ANTISEIZURE.items()}
    assert minima(ANTISEIZURE_HALF_DDD)["levetiracetam"] == 750
    assert minima(ANTISEIZURE_HALF_DDD)["carbamazepine"] == 500


def test_suitability_by_seizure_type():
    columns = ["focal", "tonic_clonic", "absence", "myoclonic"]
    told = {row["drug"]: " ".join(row[name] for name in columns) for row in resource("antiseizure").to_dicts()}
    assert told == {drug: grades for drug, (_, grades) in ANTISEIZURE.items()}
    by_type = ANTISEIZURE_SUITABILITY.frame.filter(pl.col("against").is_in(["focal", "absence"]))
    assert by_type.height == 2 * len(ANTISEIZURE)


def test_antidepressant_doses():
    rows = [row.split() for row in ANTIDEPRESSANTS.replace("\n", " ").split(";")]
    want = {name.replace("_", " "): [None if cell == "-" else float(cell) for cell in cells] for name, *cells in rows}
    columns = ["ddd", "usual_low", "atrq", "athf_low", "minimum"]
    table = resource("antidepressants").with_columns(pl.col(columns).cast(pl.Float64))
    assert {row["drug"]: [row[name] for name in columns] for row in table.to_dicts()} == want
    assert len(want) == 31
    assert minima(ANTIDEPRESSANT_DOSES) == {drug: cells[4] for drug, cells in want.items()}
    assert minima(ATRQ_DOSES) == {drug: cells[2] for drug, cells in want.items() if cells[2]}
    assert minima(ATHF_DOSES) == {drug: cells[3] for drug, cells in want.items() if cells[3]}
    assert ANTIDEPRESSANT_DOSES.frame.drop_nulls("min_days").select("drug", "min_days").rows() == [("esketamine", 28)]


def test_t16_the_ddd_is_no_threshold_for_antidepressants():
    ddd = dict(resource("antidepressants").select("drug", "ddd").rows())
    assert (float(ddd["amitriptyline"]), minima(ANTIDEPRESSANT_DOSES)["amitriptyline"]) == (75, 150)
    assert (float(ddd["tranylcypromine"]), minima(ANTIDEPRESSANT_DOSES)["tranylcypromine"]) == (10, 30)


def test_children_by_weight_up_to_half_of_the_adult_ddd():
    rows = {row["drug"]: row for row in ANTISEIZURE_CHILDREN.frame.to_dicts()}
    assert {drug: row["minimum_per_kg"] for drug, row in rows.items()} == CHILDREN
    caps = minima(ANTISEIZURE_HALF_DDD)
    assert all(row["minimum"] == caps[drug] for drug, row in rows.items() if drug != "perampanel")
    assert rows["perampanel"]["minimum"] == 2


def test_augmentation():
    assert minima(AUGMENTATION) == {
        "lithium": None,
        "liothyronine": 0.025,
        "aripiprazole": None,
        "quetiapine": None,
        "olanzapine": None,
        "brexpiprazole": None,
        "cariprazine": None,
    }
    assert set(resource("augmentation").select("min_weeks", "max_weeks").rows()) == {("3", "4")}


def test_syndrome_rules():
    generalized = ("JME", "CAE", "JAE", "IGE")
    aggravating = ("CBZ", "OXC", "ESL", "PHT", "VGB", "TGB", "GBP", "PGB")
    suits = ANTISEIZURE_SUITABILITY.suits
    assert not any(suits(drug, syndrome=name) for name in generalized for drug in aggravating)
    assert not any(suits(drug, syndrome="Dravet syndrome") for drug in ("CBZ", "OXC", "ESL", "PHT", "LCM", "LTG"))
    assert suits("carbamazepine", syndrome="SeLECTS") is False
    assert resource("syndrome_rules").height == 4 * 8 + 8 + 3 + 2 + 4 + 1


def test_facts_are_unique_and_known_by_one_name():
    facts = drug_facts()
    assert not facts.select("drug", "field").is_duplicated().any()
    assert dict(facts["field"].value_counts().rows()) == {"antiseizure": 30, "antidepressant": 31, "augmentation": 7}
    assert facts["drug"].to_list() == facts.select(canonical(pl.col("drug"))).to_series().to_list()
    assert facts.select(pl.col("drug_class", "mechanism", "atc", "source").null_count()).row(0) == (0, 0, 0, 0)
    hours = dict(facts.select("drug", "half_life_hours").rows())
    assert (hours["perampanel"], hours["levetiracetam"], hours["phenelzine"]) == (105, 7, None)


def test_no_name_means_two_things():
    for kind, names in resource("names").group_by("kind"):
        lower = names["name"].str.to_lowercase()
        assert not lower.is_duplicated().any(), kind
        assert all(known_word(kind[0], name) == word for name, word in names.select("name", "word").rows())


def test_every_named_drug_syndrome_and_type_exists():
    words = {kind: set(names["word"]) for (kind,), names in resource("names").group_by("kind")}
    assert words["drug"] <= set(drug_facts()["drug"])
    assert words["syndrome"] <= set(resource("syndromes")["syndrome"])
    assert set(resource("syndrome_rules")["syndrome"]) <= set(resource("syndromes")["syndrome"])
    assert set(resource("syndrome_rules")["drug"]) <= set(ANTISEIZURE)
    assert words["seizure type"] == {"focal", "tonic-clonic", "absence", "myoclonic"}


@pytest.mark.parametrize(
    ("written", "known"),
    {
        "CBZ": "carbamazepine",
        "oxc": "oxcarbazepine",
        "LTG ": "lamotrigine",
        "Valproic  Acid": "valproate",
        "sodium valproate": "valproate",
        "Phenobarbitone": "phenobarbital",
        "Zoloft": "sertraline",
        "lithium carbonate": "lithium",
        "T3": "liothyronine",
        "Levetiracetam": "levetiracetam",
        "VNS": "vns",
    }.items(),
)
def test_names(written, known):
    assert pl.DataFrame({"drug": [written]}).select(canonical(pl.col("drug"))).item() == known
