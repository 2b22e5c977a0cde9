"""A study's tables, checked against each other. If a Study exists, it is sound."""

from __future__ import annotations

import html
import math
from copy import copy
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.covariates import normal
from cohort.records.rules import unsound
from cohort.schemas import (
    ADVERSE_EFFECTS,
    DOSES,
    EPISODES,
    FINDINGS,
    ITEMS,
    OBSERVED,
    RATINGS,
    RECORD_FRAMES,
    SEIZURES,
    SETTINGS,
    SUBJECTS,
    TREATMENTS,
)

if TYPE_CHECKING:
    from cohort.records.inspect import Inspection


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """One study: who is in it and what was recorded of them.

    Attributes:
        name: A short name.
        title: The name in words, for reports.
        index: What happened on day 0.
        source: Where the data come from, as a report should cite it.
        arms: The arms in order, control first; empty where nobody was allocated.
        visits: The nominal visits in order.
        subjects: SUBJECTS; columns beyond the schema are covariates: numbers (kept as Float64), text, or Enums.
        inspection: What was refused when the study was read; None for a study made from frames.

    The other tables have the shapes of `cohort.schemas`; a table that is not given is empty.

    Raises:
        RecordError: A table has a wrong shape, an unsound row, an unknown subject, an unknown arm or visit; or a
            covariate bears the name of another column.
    """

    name: str
    title: str = ""
    index: str = "index"
    source: str = ""
    arms: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    subjects: pl.DataFrame
    ratings: pl.DataFrame = field(default_factory=RATINGS.empty)
    items: pl.DataFrame = field(default_factory=ITEMS.empty)
    seizures: pl.DataFrame = field(default_factory=SEIZURES.empty)
    observed: pl.DataFrame = field(default_factory=OBSERVED.empty)
    treatments: pl.DataFrame = field(default_factory=TREATMENTS.empty)
    doses: pl.DataFrame = field(default_factory=DOSES.empty)
    settings: pl.DataFrame = field(default_factory=SETTINGS.empty)
    adverse_effects: pl.DataFrame = field(default_factory=ADVERSE_EFFECTS.empty)
    findings: pl.DataFrame = field(default_factory=FINDINGS.empty)
    episodes: pl.DataFrame = field(default_factory=EPISODES.empty)
    inspection: Inspection | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        tables = {name: frame.conform(getattr(self, name)) for name, frame in RECORD_FRAMES.items()}
        covariates = [name for name in tables["subjects"].columns if name not in SUBJECTS.columns]
        tables["subjects"] = _with_arms(normal(tables["subjects"], covariates), self.arms)
        for name, table in tables.items():
            _check(name, table, tables["subjects"], tables["treatments"])
            object.__setattr__(self, name, table)
        self._check_visits()

    def _check_visits(self) -> None:
        named = set(self.ratings["visit"].drop_nulls()) | set(self.items["visit"].drop_nulls())
        unknown = sorted(named - set(self.visits))
        if unknown:
            raise RecordError(
                f"{len(unknown)} visits are not among the study's visits: {some(unknown)}; "
                "list them in order in `visits`"
            )
        if len(set(self.visits)) < len(self.visits):
            raise RecordError(f"a visit is named twice in {list(self.visits)}")

    @property
    def covariates(self) -> tuple[str, ...]:
        """The names of the subjects' covariates."""
        return tuple(name for name in self.subjects.columns if name not in SUBJECTS.columns)

    def table(self, name: str) -> pl.DataFrame:
        """Return one table by its name in `cohort.schemas`."""
        if name not in RECORD_FRAMES:
            raise RecordError(f"no table is called {name!r}; there are {some(RECORD_FRAMES, 10)}")
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def known_at(self, day: float) -> Study:
        """Return the study as it was known at the end of a day.

        What is recorded later is gone; a total over several days is known only on its last day; a treatment's end, its
        reason and the course's adherence are known only at the stop.

        Raises:
            RecordError: The day is not a finite number, or lies beyond all records.
        """
        if not isinstance(day, Real) or not math.isfinite(day) or abs(day) > _FURTHEST:
            raise RecordError(f"the study as of day {day!r} cannot be told; name a day, for example 365")
        stopped = pl.col("stop_day") <= day
        at_stop = [pl.when(stopped).then(pl.col(name)).alias(name) for name in ("stop_reason", "adherence", "stop_day")]
        # What is left of sound records is sound, so nothing is checked again.
        return self._with_sound(
            subjects=_followed_until(self.subjects, day),
            ratings=self.ratings.filter(pl.col("day") <= day),
            items=self.items.filter(pl.col("day") <= day),
            seizures=self.seizures.filter(pl.col("day") + pl.col("days") - 1 <= day),
            observed=self.observed.filter(pl.col("from_day") <= day).with_columns(_not_after("to_day", day)),
            treatments=self.treatments.filter(pl.col("start_day") <= day).with_columns(at_stop),
            doses=_doses_known_at(self.doses, self.treatments, day),
            settings=self.settings.filter(pl.col("from_day") <= day),
            adverse_effects=self.adverse_effects.filter(pl.col("day") <= day).with_columns(_until("to_day", day)),
            findings=self.findings.filter(pl.col("day") <= day),
            episodes=self.episodes.filter(pl.col("from_day") <= day).with_columns(_until("to_day", day)),
        )

    def _with_sound(self, **tables: pl.DataFrame) -> Study:
        """Return the study with other tables that are known to be sound."""
        study = copy(self)
        for name, table in tables.items():
            object.__setattr__(study, name, table)
        return study

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {self.table(name).height}" for name in RECORD_FRAMES if self.table(name).height)
        return f"Study({self.name!r}: {rows})"

    def _repr_html_(self) -> str:
        counts = [(name, self.table(name).height) for name in RECORD_FRAMES if self.table(name).height]
        rows = "".join(f"<tr><th scope='row'>{name}</th><td>{height:,}</td></tr>" for name, height in counts)
        caption = html.escape(self.title or self.name)
        return f"<table><caption>{caption}</caption><tr><th>table</th><th>rows</th></tr>{rows}</table>"


_FURTHEST = 1e9  # days: beyond all records, and within what a day can be


def check_study(study: object) -> None:
    """Refuse what is not a study.

    Raises:
        RecordError: It is something else.
    """
    if not isinstance(study, Study):
        what = f"the class {study.__name__} itself" if isinstance(study, type) else f"a {type(study).__name__}"
        raise RecordError(f"a Study is needed, this is {what}; cohort.read makes one, or Study(name=..., subjects=...)")


def _with_arms(subjects: pl.DataFrame, arms: tuple[str, ...]) -> pl.DataFrame:
    """Return the subjects with `arm` as an Enum in the study's order."""
    named = subjects["arm"].cast(pl.String)
    unknown = sorted(set(named.drop_nulls()) - set(arms))
    if unknown:
        raise RecordError(f"{len(unknown)} arms are not among the study's arms {list(arms)}: {some(unknown)}")
    if len(set(arms)) < len(arms):
        raise RecordError(f"an arm is named twice in {list(arms)}")
    if arms and (without := named.null_count()):
        raise RecordError(f"{without} subjects have no arm; give each one of {list(arms)}, or name no arms")
    return subjects.with_columns(named.cast(pl.Enum(list(arms))) if arms else named)


def _check(name: str, table: pl.DataFrame, subjects: pl.DataFrame, treatments: pl.DataFrame) -> None:
    if table.is_empty():
        return
    bad = unsound(name, table, subjects, treatments)
    if bad.height:
        who = table["subject_id"].gather(bad["row"]).unique(maintain_order=True)
        raise RecordError(f"{name}: {bad.height} unsound rows ({bad['reason'][0]}), subjects {some(who)}")


def _not_after(column: str, day: float) -> pl.Expr:
    latest = int(day // 1)
    return pl.when(pl.col(column) > latest).then(latest).otherwise(pl.col(column)).alias(column)


def _until(column: str, day: float) -> pl.Expr:
    return pl.when(pl.col(column) <= day).then(pl.col(column)).alias(column)


def _followed_until(subjects: pl.DataFrame, day: float) -> pl.DataFrame:
    """Clip the days of observation; who comes under observation later is not under observation yet."""
    begun = pl.col("first_day").is_null() | (pl.col("first_day") <= day)
    return subjects.with_columns(
        pl.when(begun).then("first_day").alias("first_day"),
        pl.when(begun).then(_not_after("last_day", day)).alias("last_day"),
    )


def _doses_known_at(doses: pl.DataFrame, treatments: pl.DataFrame, day: float) -> pl.DataFrame:
    """Keep the doses begun, of treatments begun; how well one was taken is known when the next begins or it stops."""
    begun = treatments.filter(pl.col("start_day") <= day)
    following = pl.col("from_day").shift(-1).over("subject_id", "treatment_no", "drug", order_by="from_day")
    stops = treatments.select("subject_id", "treatment_no", "drug", "stop_day")
    ended = pl.min_horizontal("following", "stop_day") <= day
    return (
        doses.with_columns(following=following)
        .join(stops, on=["subject_id", "treatment_no", "drug"], how="left", maintain_order="left")
        .with_columns(adherence=pl.when(ended).then("adherence"))
        .filter(pl.col("from_day") <= day)
        .join(begun, on=["subject_id", "treatment_no"], how="semi", maintain_order="left")
        .select(doses.columns)
    )
