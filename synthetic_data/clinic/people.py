"""Who comes to an epilepsy clinic, and what is found before the first treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.succession.histories import Histories

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class People:
    """Who comes; arrays by subject.

    Attributes:
        syndrome: Which of the truth's syndromes.
        age: In years.
        female: Sex.
        result: The result of EEG and MRI; empty text where nobody looked.
        markers: Values, by subject and marker.
        antibodies: Whether positive, by subject and antibody.
    """

    syndrome: Ints
    age: Ints
    female: NDArray[np.bool_]
    result: NDArray[np.str_]
    markers: NDArray[np.float64]
    antibodies: NDArray[np.bool_]


def draw_people(truth: ClinicTruth, histories: Histories, rng: np.random.Generator) -> People:
    """Draw people, independent of the histories save for markers with a slope."""
    n = histories.own_chance.size
    syndrome = rng.choice(len(truth.syndromes), size=n, p=[one.share for one in truth.syndromes])
    age = rng.integers(*truth.ages, size=n, endpoint=True)
    female = rng.random(n) < truth.share_female
    means, sds, slopes = (
        np.array([getattr(marker, name) for marker in truth.markers]) for name in ("log_mean", "log_sd", "slope")
    )
    hard = 0.5 - histories.own_chance[:, None]
    markers = np.exp(means + slopes * hard + sds * rng.standard_normal((n, means.size)))
    positive = rng.random((n, len(truth.antibodies))) < np.array([one.share for one in truth.antibodies])
    return People(syndrome, age, female, _results(truth, syndrome, rng), markers, positive)


def subject_rows(
    truth: ClinicTruth, ids: pl.Series, people: People, histories: Histories, last_day: Ints
) -> pl.DataFrame:
    """Return SUBJECTS with covariates: age, sex, epilepsy type, syndrome, risk factors."""
    syndromes = pl.DataFrame([(one.epilepsy_type, one.name) for one in truth.syndromes], ["kind", "name"], orient="row")
    factors = {
        factor.name: np.where(histories.factors[:, place], factor.levels[1], factor.levels[0])
        for place, factor in enumerate(truth.succession.risk_factors)
    }
    return pl.DataFrame(
        {
            "subject_id": ids,
            "first_day": np.full(ids.len(), -truth.diary_days),
            "last_day": last_day,
            "age": people.age,
            "sex": np.where(people.female, "F", "M"),
            "epilepsy_type": syndromes["kind"].gather(people.syndrome),
            "syndrome": syndromes["name"].gather(people.syndrome),
            **factors,
        }
    )


def finding_rows(truth: ClinicTruth, ids: pl.Series, people: People) -> pl.DataFrame:
    """Return FINDINGS, all of day 0: EEG and MRI, markers with their unit, antibodies."""
    parts = []
    if truth.network:
        parts.append(_found(ids, truth.network.finding, result=pl.Series(people.result)))
    for marker, values in zip(truth.markers, people.markers.T, strict=True):
        parts.append(_found(ids, marker.finding, value=pl.Series(values.round(3)), unit=marker.unit))
    for antibody, positive in zip(truth.antibodies, people.antibodies.T, strict=True):
        parts.append(_found(ids, antibody.finding, result=pl.Series(np.where(positive, "positive", "negative"))))
    return pl.concat([_found(ids.clear(), ""), *parts])


def _found(
    ids: pl.Series,
    finding: str,
    *,
    value: pl.Series | None = None,
    unit: str | None = None,
    result: pl.Series | None = None,
) -> pl.DataFrame:
    return pl.DataFrame({"subject_id": ids}).with_columns(
        day=pl.lit(0.0),
        finding=pl.lit(finding),
        value=pl.lit(value, dtype=pl.Float64) if value is None else value,
        unit=pl.lit(unit, dtype=pl.String),
        result=pl.lit(result, dtype=pl.String) if result is None else result,
    )


def _results(truth: ClinicTruth, syndrome: Ints, rng: np.random.Generator) -> NDArray[np.str_]:
    """Draw what EEG and MRI find, by epilepsy type."""
    drawn = rng.random(syndrome.size)
    if truth.network is None:
        return np.full(syndrome.size, "")
    ends = np.cumsum([getattr(truth.network, one.epilepsy_type) for one in truth.syndromes], axis=1)[syndrome]
    place = np.minimum((drawn[:, None] >= ends).sum(axis=1), len(truth.network.results) - 1)
    return np.asarray(np.array(truth.network.results)[place])
