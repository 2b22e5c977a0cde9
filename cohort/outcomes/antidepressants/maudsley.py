"""How many points of the Maudsley Staging Method?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.depression_staging import Maudsley
from cohort.outcomes.antidepressants.depressive_episodes import judged_episodes
from cohort.outcomes.antidepressants.stage_arithmetic import FAILURE_STEPS, MAUDSLEY_BANDS, MONTH_STEPS, SEVERITY_POINTS
from cohort.outcomes.antidepressants.staged import Staged, augmentations, counted, first_day_at, staged
from cohort.outcomes.findings.findings import named
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.ratings import at_entry
from cohort.outcomes.scores.severity import band_of
from cohort.records.derive import follow_up
from cohort.records.study import Study

_SEVERE = SEVERITY_POINTS["severe"]


def classify_maudsley(study: Study, criterion: Maudsley) -> Judgement:
    """Return one verdict a subject; the value is the points at the end of follow-up, the category their band.

    The day of "met" is the one on which the points first were enough: failures, augmentations and the lapse of months
    each have their day. Value and category are null without a failure, and where a part of the points is not known.
    """
    found = staged(study, criterion)
    units = _bounds(_units(study, found, criterion), criterion)
    least, most, failures = pl.col("least"), pl.col("most"), pl.col("failures")
    met = (failures > 0) & (least >= criterion.at_least)
    lacking = ~met & (pl.col("possible") > 0) & (most >= criterion.at_least)
    known = (failures > 0) & (least == most)
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (met, ""),
            (lacking & (pl.col("possible") > failures), "too little known of the treatments"),
            (lacking & pl.col("since").is_null(), "start of the episode not recorded"),
            (lacking, "severity not recorded"),
            (failures == 0, "fewer failures than needed"),
            (pl.lit(True), "threshold not reached"),
        ),
        value=pl.when(known).then(least),
        category=pl.when(known).then(
            pl.when(least >= 11)
            .then(pl.lit(MAUDSLEY_BANDS[2]))
            .otherwise(pl.when(least >= 7).then(pl.lit(MAUDSLEY_BANDS[1])).otherwise(pl.lit(MAUDSLEY_BANDS[0])))
        ),
    )
    reached = first_day_at(_events(units, found, criterion), criterion.at_least)
    units = units.join(reached, on="subject_id", how="left").with_columns(day=pl.when(met).then("day"))
    return judgement(criterion, units.sort("subject_id"), _evidence(units.sort("subject_id"), criterion))


def _units(study: Study, found: Staged, criterion: Maudsley) -> pl.DataFrame:
    """Return one row a subject: `failures, possible, augmented, shocked, baseline, band, psychotic, since, months`."""
    entry = at_entry(study, criterion.severity.scale).with_columns(band=band_of(pl.col("baseline"), criterion.severity))
    units = study.subjects.select("subject_id")
    for frame in (
        counted(found.failed, "failures"),
        counted(found.possible, "possible"),
        counted(augmentations(found, criterion.augmentation_days), "augmented"),
        counted(found.shocks, "shocked"),
        entry,
        _psychotic(study, criterion),
        _months(study, criterion),
    ):
        units = units.join(frame, on="subject_id", how="left")
    return units.with_columns(pl.col("failures", "possible", "augmented", "shocked").fill_null(0))


def _months(study: Study, criterion: Maudsley) -> pl.DataFrame:
    """Return `subject_id, since, months` of the current episode, to its end or the end of follow-up."""
    episodes = judged_episodes(study, criterion.episodes).join(follow_up(study), on="subject_id", how="left")
    days = pl.coalesce("until", "last_day") - pl.col("since")
    return episodes.select("subject_id", "since", months=(days / criterion.month_days).round(9))


def _psychotic(study: Study, criterion: Maudsley) -> pl.DataFrame:
    """Return `subject_id, psychotic`: the last finding, else the covariate; null where neither tells."""
    yes = ["yes", "present", "true"]
    rows = named(study, criterion.psychotic)
    told = pl.coalesce(pl.col("value") == 1, pl.col("result").str.to_lowercase().is_in(yes))
    last = rows.with_columns(told=told).drop_nulls("told").sort("subject_id", "day")
    found = last.group_by("subject_id", maintain_order=True).agg(pl.col("told").last())
    subjects = study.subjects.join(found, on="subject_id", how="left")
    covariate = pl.lit(None, dtype=pl.Boolean)
    if criterion.psychotic in study.covariates:
        text = pl.col(criterion.psychotic).cast(pl.String).str.to_lowercase()
        covariate = text.is_in([*yes, "1", "1.0"])
    return subjects.select("subject_id", psychotic=pl.coalesce("told", covariate))


def _bounds(units: pl.DataFrame, criterion: Maudsley) -> pl.DataFrame:
    """Add the `least` and the `most` points that the records allow, and `severe`, the severity's least."""
    severe = pl.col("band").replace_strict(SEVERITY_POINTS, default=None, return_dtype=pl.Int64)
    psychotic = pl.col("psychotic").fill_null(False)
    certain = severe + (psychotic & (severe == _SEVERE)).cast(pl.Int64)
    asked = pl.lit(criterion.missing_psychotic == "undetermined") & pl.col("psychotic").is_null()
    open_end = certain + (asked & (severe == _SEVERE)).fill_null(False).cast(pl.Int64)
    duration = 1 + _steps(pl.col("months"), MONTH_STEPS, after=True)
    others = (pl.col("augmented") > 0).cast(pl.Int64) + (pl.col("shocked") > 0).cast(pl.Int64)
    return units.with_columns(
        severe=certain.fill_null(1),
        duration=duration,
        least=duration.fill_null(1) + certain.fill_null(1) + _steps(pl.col("failures"), FAILURE_STEPS) + others,
        most=duration.fill_null(3) + open_end.fill_null(5) + _steps(pl.col("possible"), FAILURE_STEPS) + others,
    )


def _steps(number: pl.Expr, steps: tuple[int, ...], *, after: bool = False) -> pl.Expr:
    """Return how many of the steps a number has reached, or passed; null where it is null."""
    total: pl.Expr = pl.lit(0, dtype=pl.Int64)
    for step in steps:
        total = total + ((number > step) if after else (number >= step)).cast(pl.Int64)
    return total


def _events(units: pl.DataFrame, found: Staged, criterion: Maudsley) -> pl.DataFrame:
    """Return each point, when it came: `subject_id, at, points`; none before the first failure."""
    place = pl.col("at").rank("ordinal").over("subject_id")
    failed = found.failed.sort("subject_id", "at", "treatment_no").filter(place.is_in(list(FAILURE_STEPS)))
    augmented = augmentations(found, criterion.augmentation_days).group_by("subject_id").agg(pl.col("at").min())
    shocked = found.shocks.group_by("subject_id").agg(at=pl.col("start").min().cast(pl.Float64))
    months = [
        units.filter(pl.col("months") > step).select(
            "subject_id", at=(pl.col("since") + step * criterion.month_days).floor() + 1
        )
        for step in MONTH_STEPS
    ]
    single = [part.select("subject_id", "at", points=pl.lit(1)) for part in (failed, augmented, shocked, *months)]
    first = found.failed.group_by("subject_id").agg(first=pl.col("at").min())
    given = first.join(units.select("subject_id", "severe"), on="subject_id")
    at_once = given.select("subject_id", at="first", points=(pl.col("severe") + 1).cast(pl.Int32))
    events = pl.concat([at_once, *single]).join(first, on="subject_id")
    return events.with_columns(at=pl.max_horizontal("at", "first")).drop("first")


def _evidence(units: pl.DataFrame, criterion: Maudsley) -> list[pl.DataFrame]:
    severity = f"{criterion.severity.scale} at baseline"
    return [
        check(units, "months of the episode", pl.col("months"), day=pl.col("since"), unit="months"),
        check(units, severity, pl.col("baseline"), day=pl.col("baseline_day"), unit="points"),
        check(units, "antidepressants that failed", pl.col("failures"), unit="antidepressants"),
        check(units, "augmentations", pl.col("augmented"), unit="treatments"),
        check(units, "courses of electroconvulsive therapy", pl.col("shocked"), unit="treatments"),
        check(
            units,
            "points at least",
            pl.when(pl.col("failures") > 0).then("least"),
            threshold=pl.lit(criterion.at_least),
            passed=pl.when(pl.col("failures") > 0).then(pl.col("least") >= criterion.at_least),
            day=pl.col("day"),
            bound=">=",
            unit="points",
        ),
    ]
