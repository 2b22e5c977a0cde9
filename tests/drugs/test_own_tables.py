"""Tables of the user's own, and what is said of those that cannot be used."""

from dataclasses import replace

import pytest

from cohort.drugs import ANTISEIZURE_HALF_DDD, ANTISEIZURE_SUITABILITY, DoseTable, Grade, MinimumDose, SuitabilityTable
from cohort.errors import CriterionError


def written(tmp_path, text, name="clinic_doses.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_dose_table_is_read(tmp_path):
    table = DoseTable.read(
        written(
            tmp_path,
            "drug,minimum,minimum_per_kg,from_age,to_age,source\n"
            "LEV,1000,,,65,our clinic\nLevetiracetam,500,,65,,our clinic\n valproate ,,20,,,our clinic\n",
        )
    )
    assert table.name == "clinic doses"
    assert table.source == "read from clinic_doses.csv"
    assert table.frame.select("drug", "minimum", "minimum_per_kg", "from_age", "to_age").rows() == [
        ("levetiracetam", 1000, None, None, 65),
        ("levetiracetam", 500, None, 65, None),
        ("valproate", None, 20, None, None),
    ]
    assert hash(table) != hash(ANTISEIZURE_HALF_DDD)


def test_a_suitability_table_is_read(tmp_path):
    text = "drug,against,grade,source\nCBZ,focal,+,us\nCBZ,JME,-,us\nCBZ,GTCS,a,us\n"
    table = SuitabilityTable.read(written(tmp_path, text), name="ours")
    assert table.name == "ours"
    assert table.suits("carbamazepine", epilepsy_type="focal")
    assert table.suits("carbamazepine", syndrome="juvenile myoclonic epilepsy") is False
    assert table.suits("levetiracetam", epilepsy_type="focal") is None


HEAD = "drug,minimum,source\n"
FAULTS = {
    "a missing column": ("drug,minimum\nLEV,750\n", r"1 columns are missing \('source'\)"),
    "a strange column": ("drug,dose,source\nLEV,750,us\n", r"1 are not known \('dose'\); it takes drug, source"),
    "not a number": (HEAD + "LEV,750 mg,us\nCBZ,high,us\n", "2 cells of 'minimum' are not numbers: '750 mg', 'high'"),
    "an empty drug": (HEAD + ",750,us\n", "1 cells of 'drug' are empty; fill them"),
    "no source": (HEAD + "LEV,750,\n", "1 cells of 'source' are empty"),
    "a drug twice": (
        HEAD + "LEV,750,us\nkeppra,500,us\nCBZ,1,us\n",
        "1 drugs have two rows for one age: 'levetiracetam'",
    ),
    "ages that overlap": (
        "drug,minimum,from_age,to_age,source\nLEV,750,18,66,us\nLEV,500,65,,us\n",
        "two rows for one age: 'levetiracetam'; keep one, or give the rows ages",
    ),
    "ages backwards": ("drug,from_age,to_age,source\nLEV,18,18,us\n", "ages of LEV go from 18.0 to below 18.0"),
    "a dose of nothing": (HEAD + "LEV,0,us\n", "minimum of LEV is 0.0; expected mg a day above 0"),
    "a negative dose": (HEAD + "LEV,-5,us\n", "expected mg a day above 0"),
    "half a day": ("drug,min_days,source\nLEV,2.5,us\n", "min_days of LEV is 2.5; expected a whole number"),
    "no row": (HEAD, "at least one row"),
    "no file": (None, "cannot be read as a CSV table"),
    "an empty file": ("", "cannot be read as a CSV table"),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_a_dose_table_that_cannot_be_used_is_refused(tmp_path, text, message):
    path = tmp_path / "absent.csv" if text is None else written(tmp_path, text)
    with pytest.raises(CriterionError, match=message):
        DoseTable.read(path)


SUITABILITY_FAULTS = {
    "another grade": ("LEV,focal,++,us\n", r"graded '\+\+'; expected"),
    "another type": ("LEV,dizzy,+,us\n", "'dizzy', which is no seizure type"),
    "a pair twice": ("LEV,focal,+,us\nKeppra,partial,-,us\n", "1 pairs are graded twice: 'levetiracetam, focal'"),
    "no grade": ("LEV,focal,,us\n", "1 cells of 'grade' are empty"),
}


@pytest.mark.parametrize(("rows", "message"), SUITABILITY_FAULTS.values(), ids=SUITABILITY_FAULTS)
def test_a_suitability_table_that_cannot_be_used_is_refused(tmp_path, rows, message):
    with pytest.raises(CriterionError, match=message):
        SuitabilityTable.read(written(tmp_path, "drug,against,grade,source\n" + rows))


def test_tables_say_where_they_come_from():
    with pytest.raises(CriterionError, match="does not say where it comes from"):
        MinimumDose("LEV", 750)
    with pytest.raises(CriterionError, match="does not say where it comes from"):
        Grade("LEV", "focal", "+", " ")
    with pytest.raises(CriterionError, match="a name, a source"):
        replace(ANTISEIZURE_HALF_DDD, source="")
    with pytest.raises(CriterionError, match="a name, a source"):
        replace(ANTISEIZURE_SUITABILITY, name="")


SUITED = {
    "G23, carbamazepine in JME": ("CBZ", {"syndrome": "JME"}, False),
    "the syndrome overrules the type": ("PHT", {"syndrome": "JME", "seizure_types": ["GTCS"]}, False),
    "in words": ("carbamazepine", {"syndrome": "Juvenile Myoclonic Epilepsy"}, False),
    "focal": ("CBZ", {"syndrome": "focal epilepsy"}, True),
    "type of epilepsy alone": ("CBZ", {"epilepsy_type": "focal"}, True),
    "generalized, depends on the type": ("CBZ", {"epilepsy_type": "generalized"}, None),
    "generalized, none of the types": ("BRV", {"epilepsy_type": "generalized"}, False),
    "generalized, whatever the type": ("VPA", {"epilepsy_type": "generalised"}, True),
    "nothing known, suits whatever it is": ("LEV", {}, True),
    "nothing known, depends": ("ethosuximide", {}, None),
    "a syndrome that is not known says nothing": ("CBZ", {"syndrome": "something", "epilepsy_type": "focal"}, True),
    "recorded types count": ("ethosuximide", {"seizure_types": ["absence"]}, True),
    "one of the types, none aggravated": ("PER", {"seizure_types": ["GTCS", "myoclonic"]}, True),
    "every type asked": ("PER", {"seizure_types": ["GTCS", "myoclonic"], "every": True}, False),
    "one of the types aggravated": ("CBZ", {"seizure_types": ["focal", "absence"]}, False),
    "tonic-clonic seizures of a focal epilepsy are focal": (
        "brivaracetam",
        {"epilepsy_type": "focal", "seizure_types": ["tonic-clonic"]},
        True,
    ),
    "a type that is not known says nothing": ("CBZ", {"epilepsy_type": "focal", "seizure_types": ["odd"]}, True),
    "a drug that is not in the table": ("sertraline", {"epilepsy_type": "focal"}, None),
    "Dravet, lamotrigine": ("LTG", {"syndrome": "Dravet"}, False),
    "Dravet, stiripentol": ("STP", {"syndrome": "Dravet"}, True),
    "West, vigabatrin": ("VGB", {"syndrome": "West syndrome"}, True),
    "West, another": ("BRV", {"syndrome": "West syndrome"}, None),
    "JME, lamotrigine may aggravate and suits": ("LTG", {"syndrome": "JME"}, True),
}


@pytest.mark.parametrize(("drug", "asked", "answer"), SUITED.values(), ids=SUITED)
def test_which_drug_suits_whom(drug, asked, answer):
    assert ANTISEIZURE_SUITABILITY.suits(drug, **asked) is answer
