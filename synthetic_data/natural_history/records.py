"""Records of untreated diaries."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.diary.habits import draw_habits
from synthetic_data.diary.reporting import draw_diary
from synthetic_data.drawn import Drawn, Heading
from synthetic_data.natural_history.truth import NaturalHistoryTruth


def natural_history_heading(truth: NaturalHistoryTruth) -> Heading:
    """Return what the study says of itself."""
    return Heading(
        name="natural_history", title=f"Simulated seizure diaries of {truth.days} days, untreated", index="first day"
    )


def draw_natural_history(truth: NaturalHistoryTruth, ids: pl.Series, rng: np.random.Generator) -> Drawn:
    """Draw SUBJECTS and SEIZURES (and OBSERVED for a diary of events).

    What is latent has `subject_id, rate28` (untreated), `overdispersion` (variance / mean - 1), `clusters`.
    """
    habits = draw_habits(truth.diary, ids.len(), rng)
    days = np.arange(truth.days)

    def untreated(block: slice) -> NDArray[np.float64]:
        return np.ones((habits.rate28[block].size, days.size))

    diary = draw_diary(truth.diary, habits, days, untreated, rng)
    people = pl.DataFrame(
        {
            "subject_id": ids,
            "first_day": np.zeros(ids.len(), dtype=np.int64),
            "last_day": np.full(ids.len(), truth.days - 1),
            "sex": np.where(rng.random(ids.len()) < truth.share_female, "F", "M"),
        }
    )
    observed = people.select("subject_id", from_day="first_day", to_day="last_day")
    tables = {
        "subjects": people,
        "seizures": diary.select(ids.gather(diary["who"]), "day", "count", days=pl.lit(1, dtype=pl.Int64)),
        "observed": observed if truth.diary.form == "events" else observed.clear(),
    }
    latent = pl.DataFrame(
        {
            "subject_id": ids,
            "rate28": habits.rate28,
            "overdispersion": habits.overdispersion,
            "clusters": habits.clusters,
        }
    )
    return Drawn(tables, latent)
