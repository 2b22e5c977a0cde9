"""Data of another kind than the estimators of times read: each is refused in a sentence, or read as what it says."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

import analyses
from cohort.errors import EstimationError

DAYS = [1.0, 2, 3, 4, 5, 6, 7, 8]
VERBS: list[Callable[..., analyses.Estimates]] = [
    analyses.kaplan_meier,
    analyses.log_rank,
    analyses.incidence,
    lambda data: analyses.cox(data, "arm"),
    lambda data: analyses.frailty_cox(data, "arm", cluster="subject_id"),
    lambda data: analyses.event_rates(data, "arm"),
    lambda data: analyses.fine_gray(data, "arm", cause="relapse"),
    lambda data: analyses.adjusted_restricted_mean(data, "arm", until=5),
]


def _events(**columns: object) -> pl.DataFrame:
    data = pl.DataFrame({"subject_id": list("abcdefgh"), "entry": 0.0, "left": DAYS, "arm": list("xyxyyxyx")})
    cause = pl.Series(["relapse", "death", "relapse", "relapse", "death", "relapse", None, "death"])
    data = data.with_columns(cause=cause, right=pl.when(cause.is_not_null()).then("left"))
    return data.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


@pytest.mark.parametrize("verb", VERBS)
def test_frames_of_other_libraries_and_lazy_ones_are_refused(verb: Callable[..., analyses.Estimates]) -> None:
    with pytest.raises(EstimationError, match=r"pandas\.DataFrame was given; expected a polars\.DataFrame"):
        verb(_events().to_pandas())
    with pytest.raises(EstimationError, match=r"polars\.LazyFrame was given.*collect"):
        verb(_events().lazy())


@pytest.mark.parametrize("kind", [pl.String, pl.Decimal(10, 2)])
@pytest.mark.parametrize("verb", VERBS)
def test_times_that_are_no_numbers_are_refused(verb: Callable[..., analyses.Estimates], kind: pl.DataType) -> None:
    with pytest.raises(EstimationError, match=r"1 of 3 columns of times are no numbers: left"):
        verb(_events().with_columns(pl.col("left").cast(kind)))


def test_dates_and_durations_are_not_taken_for_days() -> None:
    lasting = pl.duration(days=pl.col("left"))
    with pytest.raises(EstimationError, match=r"no numbers: left \(Duration.*\), right \(Duration"):
        analyses.kaplan_meier(_events().with_columns(left=lasting, right=lasting))
    with pytest.raises(EstimationError, match=r"no numbers: left \(Date\)"):
        analyses.kaplan_meier(_events().with_columns(pl.col("left").cast(pl.Int32).cast(pl.Date)))


def test_nobody_with_an_event_may_be_a_column_without_a_kind() -> None:
    nobody = _events().with_columns(right=pl.lit(None), cause=pl.lit(None))
    assert analyses.kaplan_meier(nobody, by=None, times=[5]).value("survival", term="time point") == 1


def test_causes_may_be_numbers() -> None:
    numbered = _events(cause=[1, 2, 1, 1, 2, 1, None, 2])
    for found in (analyses.cox(numbered, "arm"), analyses.kaplan_meier(numbered)):
        assert "2 causes are taken together as the one event: 1, 2" in found.notes


def test_a_group_that_is_not_a_number_is_no_group() -> None:
    doses = _events(arm=[0.5, 1.5, 0.5, float("nan"), 1.5, 0.5, 1.5, 1.5])
    found = analyses.kaplan_meier(doses)
    assert found.frame["group"].unique().sort().to_list() == ["0.5", "1.5"]
    assert "1 of 8 rows have no value in arm and belong to no group" in found.notes
    assert analyses.log_rank(doses).value("log-rank chi-square") == analyses.log_rank(doses.drop_nans("arm")).value(
        "log-rank chi-square"
    )


def test_lists_are_no_groups() -> None:
    with pytest.raises(EstimationError, match=r"'arm' holds List.*levels are told by text"):
        analyses.kaplan_meier(_events(arm=[[1]] * 8))


@pytest.mark.parametrize("kind", [pl.Date, pl.Duration, pl.Decimal(10, 2), pl.List(pl.Int64)])
def test_covariates_are_numbers_or_text(kind: pl.DataType) -> None:
    values = pl.Series([[1]] * 8) if kind == pl.List else pl.Series([3, 1, 4, 1, 5, 9, 2, 6], dtype=pl.Int32).cast(kind)
    with pytest.raises(EstimationError, match=r"1 covariates are neither numbers nor text: x \("):
        analyses.cox(_events(x=values), "arm + x")


@pytest.mark.parametrize("unit", [1e300, 1e-300])
def test_covariates_that_cannot_be_squared_are_refused(unit: float) -> None:
    with pytest.raises(EstimationError, match="1 covariates are too large, or differ too little, to be squared: 'x'"):
        analyses.cox(_events(x=[unit * number for number in (3.0, 1, 4, 1, 5, 9, 2, 6)]), "x")


def test_options_of_another_kind_are_refused() -> None:
    events = _events()
    with pytest.raises(EstimationError, match="confidence=high was given"):
        analyses.kaplan_meier(events, confidence="high")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="per='year' was given"):
        analyses.person_time(events, per="year")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="until='year' was asked for"):
        analyses.incidence(events, until="year")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="times=5 were asked for"):
        analyses.incidence(events, times=5)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="formula=None is no text"):
        analyses.cox(events, None)  # type: ignore[arg-type]


def test_profiles_of_another_kind_or_without_a_name_are_refused() -> None:
    fit, profiles = analyses.cox(_events(), "arm"), pl.DataFrame({"arm": ["x", "y"], "profile": ["control", None]})
    with pytest.raises(EstimationError, match="1 names of profiles stand more than once or are empty: 'None'"):
        analyses.predicted_survival(fit, profiles)
    with pytest.raises(EstimationError, match=r"profiles: a pandas\.DataFrame was given"):
        analyses.predicted_survival(fit, profiles.to_pandas())  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match=r"a polars\.LazyFrame was given"):
        analyses.linear_predictor(fit, profiles=profiles.lazy())  # type: ignore[arg-type]


def test_incidences_far_from_the_data_are_refused() -> None:
    fit = analyses.fine_gray(_events(x=[3, 1, 4, 1, 5, 9, 2, 6]), "x", cause="relapse")
    for value in (1e9, -1e9):
        with pytest.raises(EstimationError, match="so far from the data that its hazard is no finite number"):
            analyses.predicted_incidence(fit, pl.DataFrame({"x": [value]}))


def test_regressions_of_several_causes_are_looked_at_one_by_one() -> None:
    fits = analyses.cause_specific(_events(), "arm")
    with pytest.raises(EstimationError, match=r"one for each cause \('relapse'\); pass fit\.model\['relapse'\]"):
        analyses.proportional_hazards_test(fits)
    assert analyses.proportional_hazards_test(fits.model["relapse"]).frame.height == 2


def test_more_tied_events_than_can_be_laid_out_are_refused() -> None:
    many = _events(rows=[10**9, 1, 1, 1, 1, 1, 1, 1])
    with pytest.raises(EstimationError, match=r"1000000000 events share days.*ties='breslow'"):
        analyses.cox(many, "arm", frequency="rows")
    assert analyses.cox(many, "arm", frequency="rows", ties="breslow").value("hazard ratio") is not None


def test_a_reference_without_rows_is_named() -> None:
    events = _events().with_columns(pl.col("arm").cast(pl.Enum(["w", "x", "y"])))
    words = "arm has no rows with 'w', with which the others are compared; pass one of 'x', 'y' as reference"
    for found in (analyses.restricted_mean(events, until=5), analyses.survival_differences(events, times=[5])):
        assert words in found.notes
    assert words not in analyses.restricted_mean(events, until=5, reference="x").notes
