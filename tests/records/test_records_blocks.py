"""A study written in blocks, or as other kinds of file, is the study that is read back."""

import polars as pl
import pytest

import cohort
from cohort.errors import RecordError
from cohort.schemas import RECORD_FRAMES
from tests.records.folders import write_folder
from tests.records.full_study import FILES, FULL


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return cohort.inspect(write_folder(tmp_path_factory.mktemp("full"), FULL, FILES)).study


def same(one, other):
    return all(one.table(name).equals(other.table(name)) for name in RECORD_FRAMES)


def part_of(study, subjects):
    tables = {name: study.table(name).filter(pl.col("subject_id").is_in(subjects)) for name in RECORD_FRAMES}
    return cohort.Study(name=study.name, arms=study.arms, visits=study.visits, **tables)


@pytest.mark.filterwarnings("ignore::cohort.errors.CohortWarning")
@pytest.mark.parametrize("form", ["csv", "parquet", "xpt"])
def test_every_table_comes_back_from_every_kind_of_file(form, full, tmp_path):
    study = full
    back = cohort.read(cohort.write(study, tmp_path / "study", form=form))
    assert (tmp_path / f"study/seizures.{form}").is_file()
    assert same(study, back)
    assert back.inspection.refused.is_empty()


@pytest.mark.filterwarnings("ignore::cohort.errors.CohortWarning")
def test_blocks_are_read_as_one_study(full, tmp_path):
    study = full
    ids = study.subjects["subject_id"].to_list()
    assert len(ids) > 1
    path = cohort.write_blocks((part_of(study, [one]) for one in ids), tmp_path / "study")
    back = cohort.read(path)
    assert same(part_of(study, ids), back)
    assert {f"subjects/block_{number:05}.parquet" for number in range(len(ids))} <= set(back.inspection.inputs)
    whole = pl.scan_parquet(tmp_path / "study/subjects/*.parquet").collect()
    assert whole.height == len(ids)


def test_a_pattern_that_no_file_matches_is_told(full, tmp_path):
    path = cohort.write_blocks([full], tmp_path / "study")
    for file in (tmp_path / "study/subjects").iterdir():
        file.unlink()
    with pytest.raises(RecordError, match=r"subjects/\*.parquet: the file is not there"):
        cohort.read(path)


def test_no_blocks_leave_no_folder(tmp_path):
    with pytest.raises(RecordError, match="0 blocks of subjects"):
        cohort.write_blocks([], tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_folder_that_holds_something_is_not_written_to(full, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study/mine.txt").write_text("mine")
    with pytest.raises(RecordError, match="is not empty"):
        cohort.write_blocks([full], tmp_path / "study")
