"""What came of each antidepressant treatment?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.adequacy import Adequacy
from cohort.criteria.antidepressant_result import AntidepressantResult
from cohort.errors import CriterionError
from cohort.outcomes.antidepressants.antidepressant_courses import antidepressant_courses
from cohort.outcomes.antidepressants.rated_courses import rated_courses
from cohort.outcomes.judgement import Judgement, check, judgement
from cohort.outcomes.scores.ratings import needs_scale
from cohort.outcomes.scores.remission import in_remission
from cohort.outcomes.treatments.courses import UNIT
from cohort.outcomes.treatments.exposure import exposures
from cohort.records.remembered import remembered
from cohort.records.study import Study

RESULTS = (
    "failed",
    "remitted",
    "responded not remitted",
    "partly responded",
    "intolerance",
    "nonadherence",
    "inadequate dose",
    "inadequate duration",
    "ongoing",
    "unknown",
    "augmentation",
    "no antidepressant",
)


def needs_antidepressants(study: Study, criterion: AntidepressantResult) -> None:
    """Refuse a study without treatments, or without ratings where nothing else may decide.

    Raises:
        CriterionError: There are no treatments.
        RecordError: There is no rating on the criterion's scale.
    """
    if study.treatments.is_empty():
        raise CriterionError("the result of antidepressants is judged for each treatment, and the study has none")
    if criterion.unrated == "unknown":
        needs_scale(study, criterion.remission)


def classify_antidepressant_result(study: Study, criterion: AntidepressantResult) -> Judgement:
    """Return one verdict a treatment; the value is the percent improvement at its last rating.

    The day of a failure is that of the first rating that shows it in an adequate treatment; of a success, that of the
    first rating that shows it; of other results, the stop. It is null for "undetermined".
    """
    units = antidepressant_results(study, criterion)
    return judgement(criterion, units, _evidence(units, criterion))


@remembered
def antidepressant_results(study: Study, criterion: AntidepressantResult) -> pl.DataFrame:
    """Return one row a course with its result.

    Columns: UNIT, `start, stop, stop_reason, end, role, drugs, classes, augmented`, the exposure's and the ratings'
    columns, `least_days`, `category` (RESULTS), `verdict, reason, value, day`, `short_of_response` (adequate, and
    neither in remission nor down by half).
    """
    exposed = _exposed(study, criterion)
    stopped = pl.col("stop").is_not_null()
    judged = rated_courses(study, exposed, criterion).with_columns(stopped=stopped, **_facts(criterion))
    found = judged.with_columns(_result(criterion))
    failed, result = pl.col("result").struct.field("failed"), pl.col("result").struct
    category = result.field("category")
    undetermined = category.is_in(["ongoing", "unknown"]) & (result.field("reason") != _NO_PERCENT)
    verdict = (
        pl.when(undetermined)
        .then(pl.lit("undetermined"))
        .otherwise(pl.when(failed).then(pl.lit("met")).otherwise(pl.lit("not met")))
    )
    return found.with_columns(
        category=category,
        verdict=verdict,
        reason=pl.when(failed).then(pl.lit("")).otherwise(result.field("reason")),
        value=pl.col("improvement"),
        day=pl.when(~undetermined).then(_day(category)),
        short_of_response=_short_of_response(category),
    ).drop("result")


_NO_PERCENT = "baseline is zero, percent undefined"


def _exposed(study: Study, criterion: AntidepressantResult) -> pl.DataFrame:
    """Return the courses with their role and exposure, `least_days`, and `ready`, when a score can show a failure."""
    roles = antidepressant_courses(study, criterion.adequacy.doses)
    taken = _taken(study, criterion.adequacy)
    if criterion.augmentation is not None:
        added = roles.filter(role="augmentation")
        own = _taken(study, criterion.augmentation).join(added, on=UNIT, how="semi")
        taken = pl.concat([taken.join(added, on=UNIT, how="anti"), own])
    return taken.join(roles, on=UNIT).with_columns(ready=pl.col("adequate_day")).sort(UNIT)


def _taken(study: Study, adequacy: Adequacy) -> pl.DataFrame:
    least = pl.coalesce("needed", pl.lit(adequacy.min_days, pl.Int64))
    return exposures(study, adequacy).with_columns(least_days=least)


def _facts(criterion: AntidepressantResult) -> dict[str, pl.Expr]:
    """Return what the result rests on: adequacy and success."""
    days = pl.col("end") - pl.col("start") + 1
    lost_counts = criterion.lost == "success"
    remitted = pl.col("remission_day").is_not_null() if lost_counts else pl.col("remitted").fill_null(False)
    responded = pl.col("response_day").is_not_null() if lost_counts else pl.col("responded").fill_null(False)
    reached = pl.col("reached").fill_null(False)
    by_reason = pl.lit(criterion.unrated == "stop reason") & pl.col("score").is_null()
    why = pl.col("stop_reason").cast(pl.String).fill_null("")
    return {
        "certainly_short": days < pl.col("least_days"),
        "adequate": pl.col("adequate_day").is_not_null(),
        "remitted": remitted | (by_reason & (why == "remission")),
        "responded": responded,
        "succeeded": reached | remitted | (responded if criterion.improvement else pl.lit(False)),
        "intolerable": why.str.contains("intolerance"),
        "inefficacious": by_reason & why.str.contains("inefficacy"),
    }


def _result(criterion: AntidepressantResult) -> pl.Expr:
    """Return the first result that applies: a struct of `category, reason, failed`."""
    answers = [
        pl.when(applies).then(
            pl.struct(category=pl.lit(category), reason=_text(reason), failed=pl.lit(category == "failed") | failed)
        )
        for applies, category, reason, failed in _steps(criterion)
    ]
    return pl.coalesce(answers).alias("result")


def _text(reason: str | pl.Expr) -> pl.Expr:
    return pl.lit(reason) if isinstance(reason, str) else reason.cast(pl.String)


_Step = tuple[pl.Expr, str, "str | pl.Expr", pl.Expr]


def _steps(criterion: AntidepressantResult) -> list[_Step]:
    """Return the results in the order in which they are looked for."""
    no, role = pl.lit(False), pl.col("role")
    stopped, short, adequate = pl.col("stopped"), pl.col("certainly_short"), pl.col("adequate")
    showed = pl.col("failed_day").is_not_null()
    intolerable = pl.col("intolerable") & ~adequate & (pl.col("known") | short)
    if criterion.intolerance_counts:
        intolerable = pl.col("intolerable") & ~(adequate & showed)
    unjudged = role.eq("augmentation") & pl.lit(criterion.augmentation is None)
    return [
        (role == "no drug", "no antidepressant", "not a drug", no),
        (role == "other drug", "no antidepressant", "not an antidepressant", no),
        (pl.col("remitted"), "remitted", "responded", no),
        (pl.col("succeeded") & pl.col("responded"), "responded not remitted", "responded", no),
        (role == "unknown drug", "unknown", "not in the dose table", no),
        (unjudged, "augmentation", "not an antidepressant", no),
        (intolerable, "intolerance", "stopped for intolerance", pl.lit(criterion.intolerance_counts)),
        ((~pl.col("adherent")).fill_null(False), "nonadherence", "not adherent", no),
        (short & stopped, "inadequate duration", "too short", no),
        (short, "ongoing", "still going on", no),
        (~pl.col("known"), "unknown", pl.col("why_unknown"), no),
        (~pl.col("dosed"), "inadequate dose", "dose too low", no),
        (~adequate & stopped, "inadequate duration", "too short", no),
        (~adequate, "ongoing", "still going on", no),
        (pl.col("adherent").is_null() & _asks_adherence(criterion), "unknown", "adherence not recorded", no),
        (pl.col("succeeded"), "partly responded", "responded", no),
        (showed | pl.col("inefficacious"), "failed", "", no),
        (pl.col("score").is_null() & ~stopped, "ongoing", "still going on", no),
        (
            pl.col("score_day").is_null() | (pl.col("score_day") < pl.col("ready")),
            "unknown",
            "no rating after baseline",
            no,
        ),
        (pl.col("baseline") == 0, "unknown", _NO_PERCENT, no),
        (pl.lit(True), "unknown", "no baseline", no),
    ]


def _asks_adherence(criterion: AntidepressantResult) -> pl.Expr:
    return pl.lit(criterion.adequacy.missing_adherence == "undetermined")


def _day(category: pl.Expr) -> pl.Expr:
    stop = pl.col("stop").cast(pl.Float64)
    first = {
        "failed": pl.coalesce("failed_day", stop),
        "remitted": pl.coalesce("remission_day", stop),
        "responded not remitted": pl.col("response_day"),
        "partly responded": pl.coalesce("reached_day", stop),
    }
    named = [pl.when(category == name).then(day) for name, day in first.items()]
    return pl.coalesce(*named, stop, pl.col("end").cast(pl.Float64))


def _short_of_response(category: pl.Expr) -> pl.Expr:
    below = ~pl.col("responded") & ~pl.col("remitted")
    return category.is_in(["failed", "partly responded"]) & below


def _evidence(units: pl.DataFrame, criterion: AntidepressantResult) -> list[pl.DataFrame]:
    days, least, adherence = pl.col("adequate_days"), pl.col("least_days"), (100 * pl.col("adherence")).round(9)
    scale, rule = criterion.remission.scale, criterion.remission
    known, score, improvement = pl.col("known"), pl.col("score"), pl.col("improvement")
    dose = check(
        units,
        "highest dose",
        pl.col("highest_dose"),
        threshold=pl.col("minimum_dose"),
        passed=pl.col("highest_dose") >= pl.col("minimum_dose"),
        bound=">=",
        unit="mg a day",
    )
    lasted = check(
        units,
        "days at an adequate dose",
        pl.when(known).then(days),
        threshold=least,
        passed=pl.when(known).then(days >= least),
        day=pl.col("adequate_from"),
        bound=">=",
        unit="days",
    )
    taken = check(
        units,
        "share of the doses taken",
        adherence,
        threshold=pl.lit(criterion.adequacy.min_adherence),
        passed=adherence >= criterion.adequacy.min_adherence,
        bound=">=",
        unit="percent",
    )
    start = check(units, f"{scale} at the treatment's start", pl.col("baseline"), day=pl.col("baseline_day"))
    last = check(
        units,
        f"{scale} at the treatment's last rating, out of remission",
        score,
        threshold=pl.lit(rule.threshold),
        passed=~in_remission(score, rule),
        day=pl.col("score_day"),
        bound=">" if rule.bound == "<=" else ">=",
        unit="points",
    )
    fallen = check(
        units,
        f"percent improvement of {scale} at the last rating",
        improvement,
        threshold=pl.lit(criterion.improvement),
        passed=improvement < pl.lit(criterion.improvement),
        day=pl.col("score_day"),
        bound="<" if criterion.improvement else None,
        unit="percent",
    )
    return [dose, lasted, taken, start, last, fallen]
