"""What the courses of treatment show: freedom, seizures at an adequate dose, the failure that these establish."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.criteria.control import SeizureControl
from cohort.outcomes.seizures.runs import free_runs, recorded_under, with_threshold
from cohort.outcomes.treatments.courses import UNIT
from cohort.outcomes.treatments.exposure import adequate_spans, exposures, missed_dose_spans
from cohort.records.study import Study


def control_courses(study: Study, criterion: SeizureControl, records: pl.DataFrame) -> pl.DataFrame:
    """Return one row a course with all that the steps of `SeizureControl` ask.

    Beside what `exposures` and `with_threshold` tell:

    - `recorded`: whether a day of it was recorded; `seizures` under it, the last one's day `last_seizure`;
    - `run`: the present run without seizures in days; `first_free`, `free_on`: the first day on which a run was long
      enough (`first_since`: its beginning), and the one since which the present freedom has been, null without;
    - `relapsed_on`: the first seizure since a run was last long enough;
    - `clear_from`: the first day from which a run could be counted if no day were missing;
    - `evidence`: the first seizure at an adequate dose; `set_aside`: the first on days of missed doses;
    - `failed_on`: the day on which seizures at an adequate dose became a failure, freedom left aside.
    """
    adequacy = replace(criterion.adequacy, min_days=criterion.min_exposure_days)
    units = with_threshold(study, criterion.freedom, records)
    exposed = exposures(study, adequacy).drop("start", "stop", "stop_reason", "end")
    units = units.join(exposed, on=UNIT).with_columns(pl.col("needed").fill_null(criterion.min_exposure_days))
    under = recorded_under(units, records)
    seizures = under.filter(pl.col("seizure") & pl.col("wholly")).select(*UNIT, "day", "end")
    at_dose = _at_dose(seizures, _spells(study, criterion, units), units, criterion)
    aside = _on_missed_days(missed_dose_spans(study, adequacy), at_dose)
    counted = at_dose if criterion.missed_doses == "counted" else at_dose.join(aside, on=[*UNIT, "day"], how="anti")
    facts = [
        _freedom(free_runs(units, records, criterion.freedom), seizures),
        _recorded(under),
        _failure(counted),
        aside.group_by(UNIT).agg(set_aside=pl.col("end").min()),
    ]
    for fact in facts:
        units = units.join(fact, on=UNIT, how="left")
    missing = pl.col("run").is_null() & pl.col("recorded")
    told = pl.col("failed_on")
    if criterion.adequacy.missing_adherence == "undetermined":
        told = pl.when(told.is_not_null()).then(pl.max_horizontal("failed_on", "adherence_day"))
    return units.with_columns(
        pl.col("recorded").fill_null(False),
        pl.col("seizures").fill_null(0),
        failed_on=told,
        run=pl.when(missing).then(0).otherwise("run"),
        clear_from=pl.coalesce("clear_from", "start"),
    ).sort(UNIT)


def _recorded(under: pl.DataFrame) -> pl.DataFrame:
    """Return what each course's diary holds."""
    counted = pl.col("seizure") & pl.col("wholly")
    return under.group_by(UNIT).agg(
        recorded=pl.len() > 0,
        seizures=pl.col("known").filter(counted).sum(),
        clear_from=pl.col("end").filter("seizure").max(),
    )


def _freedom(runs: pl.DataFrame, seizures: pl.DataFrame) -> pl.DataFrame:
    """Return when each course was free for long enough, and the run that reaches its last recorded day."""
    last = seizures.group_by(UNIT).agg(last_seizure=pl.col("end").max())
    known = runs.join(last, on=UNIT, how="left")
    since = pl.col("completed") > pl.col("last_seizure").fill_null(pl.col("completed") - 1)
    latest = pl.col("until") == pl.col("until").max()
    present = (latest & (pl.col("until") > pl.col("last_seizure").fill_null(pl.col("until") - 1))).fill_null(False)
    free = known.group_by(UNIT).agg(
        first_free=pl.col("completed").min(),
        first_since=pl.col("since").filter(pl.col("completed") == pl.col("completed").min()).min(),
        last_free=pl.col("completed").max(),
        free_on=pl.col("completed").filter(since).min(),
        run=(pl.col("until") - pl.col("since")).filter(present).max(),
    )
    relapses = seizures.join(free.select(*UNIT, "last_free"), on=UNIT).filter(pl.col("day") > pl.col("last_free"))
    relapsed = relapses.group_by(UNIT).agg(relapsed_on=pl.col("end").min())
    return free.join(relapsed, on=UNIT, how="left").join(last, on=UNIT, how="full", coalesce=True)


def _spells(study: Study, criterion: SeizureControl, units: pl.DataFrame) -> pl.DataFrame:
    """Return the days at an adequate dose: `subject_id, treatment_no, from_day, to_day`, and `before`.

    Of a treatment that is no drug, all days from its settling on. `before` are the days of exposure that the earlier
    spells left: none, where a fall below the minimum begins the count anew.
    """
    drugs, others = units.filter("is_drug"), units.filter(~pl.col("is_drug"))
    applied = others.select(*UNIT, from_day=pl.col("start") + criterion.settling_days, to_day="end")
    spells = adequate_spans(study, criterion.adequacy).join(drugs, on=UNIT, how="semi").select(applied.columns)
    spells = pl.concat([spells, applied.filter(pl.col("from_day") <= pl.col("to_day"))]).sort(*UNIT, "from_day")
    if criterion.adequacy.reduction == "restarts":
        return spells.with_columns(before=pl.lit(0, dtype=pl.Int64))
    length = pl.col("to_day") - pl.col("from_day") + 1
    return spells.with_columns(before=(length.cum_sum() - length).over(UNIT))


def _at_dose(
    seizures: pl.DataFrame, spells: pl.DataFrame, units: pl.DataFrame, criterion: SeizureControl
) -> pl.DataFrame:
    """Return the seizures at an adequate dose, each with its spell and the day `enough` on which exposure sufficed.

    Where a lower dose only pauses the count, a seizure is at the dose of its own spell and of every later one.
    """
    enough = pl.col("from_day") + pl.max_horizontal(pl.col("needed") - pl.col("before") - 1, 0)
    timed = (
        spells.join(units.select(*UNIT, "needed", "last_raise"), on=UNIT)
        .sort(*UNIT, "from_day")
        .with_columns(enough=enough)
    )
    timed = timed.with_columns(enough=pl.when(pl.col("enough") <= pl.col("to_day")).then("enough"))
    if criterion.adequacy.reduction == "pauses":
        timed = timed.with_columns(pl.col("enough").fill_null(strategy="backward").over(UNIT))
    inside = (pl.col("day") >= pl.col("from_day")) & (pl.col("end") <= pl.col("to_day"))
    found = seizures.join(timed, on=UNIT).filter(inside)
    late = (pl.col("day") >= pl.col("last_raise")).fill_null(True)
    return found.filter(late) if criterion.judge_after_optimisation else found


def _on_missed_days(missed: pl.DataFrame, at_dose: pl.DataFrame) -> pl.DataFrame:
    spans = missed.select(*UNIT, missed_from="from_day", missed_to="to_day")
    touching = (pl.col("day") <= pl.col("missed_to")) & (pl.col("end") >= pl.col("missed_from"))
    return at_dose.join(spans, on=UNIT).filter(touching).select(*UNIT, "day", "end").unique()


def _failure(counted: pl.DataFrame) -> pl.DataFrame:
    """Return the first seizure at an adequate dose, and the day on which it was a failure."""
    failed = pl.when(pl.col("enough").is_not_null()).then(pl.max_horizontal("end", "enough"))
    return counted.group_by(UNIT).agg(evidence=pl.col("end").min(), failed_on=failed.min())
