"""What study.toml may say, and how it is told that it says something else."""

from pathlib import Path

import pytest

from cohort.errors import RecordError
from cohort.records.inspect import inspect, read
from cohort.records.study_file import load_study_file
from tests.records.folders import HEAD, PEOPLE, PEOPLE_CSV, RATINGS, SEIZURES, with_people, write_folder


def said(folder: Path, toml: str) -> str:
    """Return the error of a study file."""
    with pytest.raises(RecordError) as caught:
        load_study_file(write_folder(folder, toml, {}))
    return str(caught.value)


def test_a_key_that_nobody_reads_is_named(tmp_path: Path) -> None:
    assert "study.toml: study.titel: this key is not read by anything" in said(
        tmp_path, HEAD + 'titel = "x"\n' + PEOPLE
    )
    message = said(tmp_path, HEAD + PEOPLE + 'colums.day = "day"\n')
    assert message == "study.toml: records.subjects.1.colums: this key is not read by anything; is it misspelt?"
    assert "records.drugs: this key" in said(tmp_path, HEAD + PEOPLE + "[records.drugs]\n")
    assert "recods: this key" in said(tmp_path, HEAD + PEOPLE + "[recods]\n")


def test_more_than_three_faults_are_counted(tmp_path: Path) -> None:
    message = said(tmp_path, HEAD + "one = 1\ntwo = 2\nthree = 3\nfour = 4\n" + PEOPLE)
    assert message.count("this key is not read") == 3
    assert message.endswith("and 1 more faults")


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[records]\nmax_refused_share = 'few'\n" + PEOPLE, "max_refused_share: Input should be a valid number"),
        ("[records]\nmax_refused_share = 1.5\n" + PEOPLE, "max_refused_share: Input should be less than or"),
        (PEOPLE + "repeated = 'often'\n", "records.subjects.1.repeated: Input should be a valid boolean"),
        (PEOPLE + "separator = ', '\n", "records.subjects.1.separator: String should match"),
        (PEOPLE + "separator = '\"'\n", "records.subjects.1.separator: String should match"),
        (PEOPLE + "decimal = ';'\n", "records.subjects.1.decimal: Input should be '.' or ','"),
        ("", "records: this key is needed"),
        ("[records]\nsubjects = []\n", "records.subjects: Value should have at least 1 item"),
        (PEOPLE + "columns.sex = 'sex'\n", "subjects: there is no column 'sex'; there are subject_id, arm,"),
        (PEOPLE.replace('columns.subject_id = "id"', ""), "does not say where `subject_id` comes from; add c"),
        (PEOPLE + RATINGS.replace('columns.score = "score"', ""), "ratings: study.toml does not say where `score`"),
        (PEOPLE + SEIZURES.replace('columns.count = "count"', ""), "seizures: study.toml does not say where `count`"),
        (PEOPLE + RATINGS + "wide = [{ column = 'w2', day = 14 }]\n", "`score` comes from the columns listed in"),
        (PEOPLE + "wide = [{ column = 'w2', arm = 'x' }]\n", "subjects: it cannot be read from a wide table"),
        (PEOPLE + RATINGS + "covariates.age = 'age'\n", "`covariates` and `index_date` belong to subjects"),
        (PEOPLE + RATINGS + "events = true\n", "ratings: `events` belongs to seizures"),
        (PEOPLE + SEIZURES + "events = true\nrepeated = true\n", "`events` and `repeated` exclude each other"),
        (PEOPLE + "covariates.arm = 'x'\n", "a covariate cannot be called 'arm': that is the name of another column"),
        (PEOPLE + "covariates.baseline = 'x'\n", "a covariate cannot be called 'baseline'"),
        (PEOPLE + "covariates._row = 'x'\n", "a covariate cannot be called '_row'"),
        (PEOPLE + "covariates.age = {}\n", "give either `column` or `constant`"),
        (PEOPLE + "covariates.age = { column = 'x', constant = 1 }\n", "give either `column` or `constant`"),
        (PEOPLE + "covariates.age = { column = 'x', levels = ['a', 'a'] }\n", "a level is named twice"),
        (PEOPLE + "covariates.age = { column = 'x', date = 'iso' }\n", "age: `date` and `study_day` belong to columns"),
        (PEOPLE + "covariates.age = { column = 'x', unit = 'g' }\n", "age: `unit` 'g' does not belong to this column"),
        (PEOPLE.replace('"arm"', "{ column = 'arm', levels = ['a'] }"), "arm: `levels` and `type` belong to cov"),
        (PEOPLE + RATINGS.replace('"day"', "{ column = 'day', unit = 'g' }"), "'g' does not belong to this column"),
        (PEOPLE + RATINGS.replace('"day"', "{ column = 'day', date = 'ISO' }"), "'ISO' does not tell one day"),
        (PEOPLE + RATINGS.replace('"day"', "{ column = 'day', date = '%Y-%m' }"), "'%Y-%m' does not tell one"),
        (PEOPLE + RATINGS.replace('"day"', "{ column = 'd', date = 'iso', study_day = true }"), "exclude each other"),
        (PEOPLE + RATINGS.replace('"day"', "{ column = 'd', study_day = true, unit = 'weeks' }"), "leave `unit` out"),
        (PEOPLE + "index_date = { column = 'd', study_day = true }\n", "index_date: it is a date"),
        (PEOPLE + RATINGS.replace('"day"', "2021-01-01"), "records.ratings.1.columns.day"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(tmp_path: Path, toml: str, expected: str) -> None:
    assert expected in said(tmp_path, HEAD + toml)


def test_arms_must_be_listed_where_they_are_read(tmp_path: Path) -> None:
    toml = HEAD.replace('arms = ["control", "active"]\n', "") + PEOPLE
    assert "list the arms, the control first" in said(tmp_path, toml)


def test_invalid_toml(tmp_path: Path) -> None:
    message = said(tmp_path, "[study\nname = 1\n")
    assert message.startswith("study.toml is not valid TOML: ")
    assert "line 1" in message


def test_a_study_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(b"\xff\xfe[\x00s\x00")
    with pytest.raises(RecordError, match="not valid TOML"):
        read(tmp_path / "study.toml")


def test_no_study_file(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"nowhere\.toml: there is no such study file"):
        read(tmp_path / "nowhere.toml")


def test_a_folder_for_a_study_file(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"is a folder; name the study file in it, for example .*study\.toml"):
        read(tmp_path)


def test_a_path_through_a_file(tmp_path: Path) -> None:
    path = with_people(tmp_path)
    with pytest.raises(RecordError, match=r"cannot be read: Not a directory"):
        read(path / "study.toml")


def test_a_byte_order_mark_before_the_study_file(tmp_path: Path) -> None:
    path = with_people(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).subjects.height == 2


def test_a_missing_source_says_where_it_can_be_had(tmp_path: Path) -> None:
    toml = HEAD + 'obtain = "Ask the data office."\n' + PEOPLE
    with pytest.raises(
        RecordError, match=r"people\.csv: the file is not there \(looked in .*\)\. Ask the data office\."
    ):
        inspect(write_folder(tmp_path, toml, {}))


def test_the_analysis_is_handed_on_unread(tmp_path: Path) -> None:
    toml = HEAD + PEOPLE + "[analysis]\nwhatever = { it = [1, 'says'] }\n"
    found = inspect(write_folder(tmp_path, toml, {"people.csv": PEOPLE_CSV}))
    assert found.analysis == {"whatever": {"it": [1, "says"]}}


def test_what_the_study_is(tmp_path: Path) -> None:
    more = 'title = "T"\nindex = "randomization"\nsource = "S"\n'
    study = read(write_folder(tmp_path, HEAD + more + PEOPLE, {"people.csv": PEOPLE_CSV}))
    assert (study.name, study.title, study.index, study.source) == ("small", "T", "randomization", "S")
    assert study.arms == ("control", "active")
    assert study.visits == ("baseline", "week 2", "week 4")


@pytest.mark.parametrize(("key", "what"), [("arms", "an arm"), ("visits", "a visit")])
def test_a_name_listed_twice(tmp_path: Path, key: str, what: str) -> None:
    toml = HEAD.replace(f"{key} = [", f'{key} = ["control", "baseline", "baseline", ')
    with pytest.raises(RecordError, match=f"{what} is named twice"):
        read(write_folder(tmp_path, toml + PEOPLE, {"people.csv": PEOPLE_CSV}))
