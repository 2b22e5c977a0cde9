"""A study in blocks is the study in one piece, and each block can be made again alone."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.errors import TruthError
from cohort.schemas import RECORD_FRAMES
from synthetic_data import simulation
from synthetic_data.presets import PRESETS
from synthetic_data.simulation import simulate_blocks, simulate_with_latent


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(simulation, "BLOCK", 40)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_blocks_together_are_the_study(preset):
    whole, latent = simulate_with_latent(PRESETS[preset], subjects=100, seed=5)
    blocks = list(simulate_blocks(PRESETS[preset], subjects=100, seed=5))
    assert [number for number, _, _ in blocks] == [0, 1, 2]
    assert [study.subjects.height for _, study, _ in blocks] == [40, 40, 20]
    for table in RECORD_FRAMES:
        parts = pl.concat([study.table(table) for _, study, _ in blocks])
        assert parts.equals(whole.table(table)), table
    assert pl.concat([part for _, _, part in blocks]).equals(latent)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_one_block_can_be_made_again_alone(preset):
    _, _, (number, study, latent) = simulate_blocks(PRESETS[preset], subjects=100, seed=5)
    ((again, same, other),) = simulate_blocks(PRESETS[preset], subjects=100, seed=5, blocks=(2,))
    assert (number, again) == (2, 2)
    assert all(study.table(table).equals(same.table(table)) for table in RECORD_FRAMES)
    assert latent.equals(other)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_block_does_not_depend_on_how_many_follow(preset):
    (_, few, _), *_ = simulate_blocks(PRESETS[preset], subjects=40, seed=5)
    (_, many, _), *_ = simulate_blocks(PRESETS[preset], subjects=120, seed=5)
    assert all(few.table(table).equals(many.table(table)) for table in RECORD_FRAMES)


def test_blocks_differ_from_one_another_and_between_seeds():
    truth = PRESETS["hamd"]
    (_, first, _), (_, second, _) = simulate_blocks(truth, subjects=80, seed=5)
    ((_, other, _),) = simulate_blocks(truth, subjects=80, seed=6, blocks=(0,))
    scores = [study.ratings.filter(visit="baseline")["score"].to_list() for study in (first, second, other)]
    assert scores[0] != scores[1]
    assert scores[0] != scores[2]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_subject_stands_in_the_latent_table(preset):
    study, latent = simulate_with_latent(PRESETS[preset], subjects=50, seed=2)
    assert set(study.subjects["subject_id"]) == set(latent["subject_id"])


def test_a_block_that_is_not_there_is_told():
    with pytest.raises(TruthError, match="1 blocks do not exist: 3; expected 0 to 2"):
        list(simulate_blocks(PRESETS["hamd"], subjects=100, seed=1, blocks=(3,)))


def test_a_truth_that_nobody_draws_is_told():
    with pytest.raises(TruthError, match="truth is a dict; expected one of"):
        simulate_with_latent({}, subjects=1, seed=1)


def test_changed_parameters_change_the_study():
    truth = PRESETS["hamd"]
    one, other = (
        simulate_with_latent(changed, subjects=60, seed=1)[0] for changed in (truth, replace(truth, day_jitter=0))
    )
    assert not one.ratings["day"].equals(other.ratings["day"])
