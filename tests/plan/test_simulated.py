"""`refractory simulate`: kinds of file, blocks of subjects, what stands beside the records."""

import polars as pl
import pytest

import cohort
import synthetic_data
from analyses.plan import simulated as room
from analyses.plan.command import main
from analyses.plan.simulated import simulated
from cohort.errors import CohortError
from cohort.schemas import ESTIMATES, RECORD_FRAMES
from synthetic_data import simulation


def same(one, other):
    return all(one.table(name).equals(other.table(name)) for name in RECORD_FRAMES)


@pytest.fixture
def _small_blocks(monkeypatch):
    monkeypatch.setattr(simulation, "BLOCK", 20)
    monkeypatch.setattr(room, "BLOCK", 20)


@pytest.mark.parametrize("form", ["csv", "parquet", "xpt"])
def test_the_study_is_the_same_in_every_kind_of_file(form, tmp_path):
    path = simulated("hamd", tmp_path / "study", 30, 7, form=form)
    assert same(cohort.read(path), synthetic_data.simulate(synthetic_data.HAMD_STUDY, subjects=30, seed=7))
    assert (tmp_path / f"study/ratings.{form}").is_file()


def test_the_truth_and_what_is_latent_stand_beside_the_records(tmp_path):
    simulated("hamd", tmp_path / "study", 30, 7)
    truth = pl.read_csv(tmp_path / "study/truth.csv", schema_overrides=ESTIMATES.schema)
    assert truth.equals(synthetic_data.HAMD_STUDY.estimates())
    assert set(pl.read_csv(tmp_path / "study/latent.csv")["subject_id"]) == set(
        cohort.read(tmp_path / "study/study.toml").subjects["subject_id"]
    )


@pytest.mark.usefixtures("_small_blocks")
def test_many_subjects_are_written_in_blocks_and_run_as_they_are(tmp_path, capsys):
    said = []
    path = simulated("hamd", tmp_path / "study", 50, 7, say=said.append)
    assert same(cohort.read(path), synthetic_data.simulate(synthetic_data.HAMD_STUDY, subjects=50, seed=7))
    assert said == [*(f"block {number} of 3 written" for number in (1, 2, 3)), "true values"]
    latent = pl.read_parquet(tmp_path / "study/latent/*.parquet")
    assert latent["subject_id"].n_unique() == 50
    assert main(["run", str(path), "--out", str(tmp_path / "report")]) == 0
    assert (tmp_path / "report/report.html").is_file()


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("asked", [{"messy": True}, {"form": "csv"}])
def test_blocks_are_parquet_without_faults(asked, tmp_path):
    with pytest.raises(CohortError, match="50 subjects are written in blocks of 20"):
        simulated("hamd", tmp_path / "study", 50, 7, **asked)
    assert not (tmp_path / "study").exists()


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_simulation_leaves_nothing(stop, tmp_path):
    def say(line):
        if line.startswith("block 2"):
            raise stop

    with pytest.raises(stop):
        simulated("hamd", tmp_path / "study", 50, 7, say=say)
    assert list(tmp_path.iterdir()) == []
    assert simulated("hamd", tmp_path / "study", 50, 7).is_file()


def test_an_empty_folder_is_filled_and_a_full_one_is_not_touched(tmp_path):
    assert simulated("hamd", tmp_path, 10, 7) == tmp_path / "study.toml"
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CohortError, match="is not empty"):
        simulated("hamd", tmp_path, 10, 7)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("number", ["3.7", "1e3", "many", "0x10", ""])
def test_a_number_of_subjects_is_whole(number, tmp_path, capsys):
    assert main(["simulate", "hamd", "--subjects", number, "--out", str(tmp_path / "study")]) == 2
    assert not (tmp_path / "study").exists()


def test_help_names_every_preset(capsys):
    main(["simulate", "--help"])
    said = capsys.readouterr().out
    assert [preset for preset in synthetic_data.PRESETS if preset not in said] == []


def test_a_curve_says_where_the_last_visit_s_window_begins(tmp_path):
    path = simulated("hamd", tmp_path / "study", 200, 3)
    assert main(["run", str(path), "--out", str(tmp_path / "report")]) == 0
    assert "Ratings at week 6 fall on days 39 to 45." in (tmp_path / "report/report.html").read_text()


@pytest.mark.parametrize("preset", sorted(synthetic_data.PRESETS))
def test_every_preset_has_its_analysis_and_runs_without_a_warning(preset, tmp_path, capsys):
    path = simulated(preset, tmp_path / "study", 60, 3)
    assert main(["run", str(path), "--out", str(tmp_path / "report")]) == 0
    results = pl.read_parquet(tmp_path / "report/results.parquet")
    assert results["estimate"].is_not_null().any()
