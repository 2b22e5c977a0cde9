"""ITEMS -> totals: what the items of a rating add up to, prorated where some are missing."""

from __future__ import annotations

import warnings
from dataclasses import replace

import polars as pl

from cohort.criteria import Prorating
from cohort.criteria.soundness import check_part
from cohort.errors import CohortWarning, CriterionError
from cohort.records.study import Study, check_study
from cohort.scales import Scale
from cohort.scales import scale as scale_called

_RATING = ["subject_id", "visit", "unscheduled"]
_COLUMNS = ["subject_id", "day", "visit", "scale", "score", "items_missing", "prorated", "recorded"]


def totals(study: Study, scale: str, rule: Prorating) -> pl.DataFrame:
    """Return what the items of each rating add up to.

    The items of one visit make one rating, dated by the last of them; unscheduled items one for each day and hour. The
    arithmetic is exact: 15 points with two items of at most 2 missing are 52 * 15 / 48 = 16.25 points of the HAM-D, 16
    when rounded.

    Args:
        study: The study.
        scale: The scale's name.
        rule: How many items may be missing, and how a total is rounded.

    Returns:
        `subject_id, day, visit, scale, score` (null with too many items missing), `items_missing` (or domains),
        `prorated` (the score is raised from fewer items), `recorded` (the total that the study recorded for this
        rating, null where it recorded none). Sorted by subject and day.

    Raises:
        CriterionError: The scale has no items, or the study has none of it.

    >>> from cohort.criteria import PRORATING
    >>> scores = {item: 1 for item in range(1, 18) if item not in (4, 5)}
    >>> items = {"subject_id": "a", "day": 0, "visit": None, "scale": "HAMD17", "item": list(scores)}
    >>> items = pl.DataFrame(items | {"score": list(scores.values())})
    >>> study = Study(name="one", subjects=pl.DataFrame({"subject_id": ["a"]}), items=items)
    >>> totals(study, "HAMD17", PRORATING).select("score", "items_missing", "prorated").rows()
    [(16.0, 2, True)]
    """
    check_study(study)
    check_part("rule", rule, Prorating)
    form = scale_called(scale)
    items = study.items.filter(scale=scale)
    if not form.item_maxima or items.is_empty():
        who = "the study" if form.item_maxima else "the scale"
        raise CriterionError(f"totals of {scale} need its items, and {who} has none")
    parts = _parts(items, form)
    ratings = parts.group_by(_RATING, maintain_order=True).agg(
        day=pl.col("day").max(),
        points=pl.col("points").sum(),
        possible=pl.col("most").filter(pl.col("points").is_not_null()).sum(),
        items_missing=pl.col("points").is_null().sum().cast(pl.Int64),
    )
    scored = ratings.with_columns(scale=pl.lit(scale), score=_score(form, rule))
    scored = scored.with_columns(prorated=pl.col("score").is_not_null() & (pl.col("items_missing") > 0))
    return _beside_recorded(scored, study, scale).select(_COLUMNS).sort("subject_id", "day", "visit")


def _parts(items: pl.DataFrame, form: Scale) -> pl.DataFrame:
    """Return one row a rating and part of the form: `points` (null where it is not known) and `most`."""
    dated = items.with_columns(unscheduled=pl.when(pl.col("visit").is_null()).then("day"))
    ratings = dated.group_by(_RATING).agg(day=pl.col("day").max())
    asked = ratings.join(_asked(form), how="cross")
    answered = dated.select(*_RATING, "item", "score")
    answered = asked.join(answered, on=[*_RATING, "item"], how="left", nulls_equal=True)
    known = pl.col("score").is_not_null()
    pairs = answered.with_columns(answered=known.any().over(*_RATING, "pair"))
    # The highest of a domain is known once an item has reached the most that any of them can.
    certain = pl.col("answered").all() | (pl.col("score").max() >= pl.col("most").max()).fill_null(False)
    return (
        pairs.group_by(*_RATING, "part")
        .agg(day=pl.col("day").first(), points=pl.when(certain).then(pl.col("score").max()), most=pl.col("most").max())
        .sort(*_RATING, "part", nulls_last=True)
    )


def _asked(form: Scale) -> pl.DataFrame:
    """Return `item, most, part, pair` of a form; an item of which the form asks for one of two shares a pair."""
    most, pair = dict(form.item_maxima), {second: first for first, second in form.either}
    rows = [(item, most[item], number, pair.get(item, item)) for number, part in enumerate(form.parts) for item in part]
    return pl.DataFrame(rows, schema=["item", "most", "part", "pair"], orient="row")


def _score(form: Scale, rule: Prorating) -> pl.Expr:
    """Return the total. In floats it is exact: a quotient of whole numbers is a half only where it is one."""
    few = pl.col("items_missing") * rule.of <= rule.max_missing * len(form.parts)
    raised = form.high * pl.col("points") / pl.col("possible")
    whole = (raised + 0.5).floor()
    if rule.rounding == "half to even":
        whole = pl.when((whole - raised == 0.5) & (whole % 2 == 1)).then(whole - 1).otherwise(whole)
    complete = pl.col("items_missing") == 0
    prorated = raised if rule.rounding == "none" else whole
    return pl.when(complete).then(pl.col("points")).when(few).then(prorated)


def _beside_recorded(scored: pl.DataFrame, study: Study, scale: str) -> pl.DataFrame:
    own = study.ratings.filter(scale=scale).with_columns(unscheduled=pl.when(pl.col("visit").is_null()).then("day"))
    return scored.join(own.select(*_RATING, recorded="score"), on=_RATING, how="left", nulls_equal=True)


def with_totals(study: Study, rule: Prorating) -> Study:
    """Return the study with totals from items among its ratings, on every scale whose items it has.

    A total that the study recorded is kept, whatever its items add up to; where all items are there and add up to
    another number, a warning counts such ratings, and `totals` shows them. A rating recorded without a total gets that
    of its items. With too many items missing the rating stands with a null score: recorded as missing. A total and its
    items belong together by their visit, or, both unscheduled, by their day and hour.

    Args:
        study: The study.
        rule: How many items may be missing, and how a total is rounded.

    Raises:
        CriterionError: The study has no items.

    Warns:
        CohortWarning: Recorded totals differ from the sum of their complete items.
    """
    check_study(study)
    check_part("rule", rule, Prorating)
    if study.items.is_empty():
        raise CriterionError("totals are made from items, and the study has none")
    found = pl.concat([totals(study, name, rule) for name in study.items["scale"].unique().sort()])
    differ = found.filter((pl.col("items_missing") == 0) & (pl.col("score") != pl.col("recorded")))
    if differ.height:
        warnings.warn(
            f"{differ.height} recorded totals ({', '.join(differ['scale'].unique().sort())}) differ from the sum of "
            "their items; the recorded ones are kept, cohort.totals shows both",
            CohortWarning,
            stacklevel=2,
        )
    keys = ["subject_id", "scale", "visit", "unscheduled"]
    moment = pl.when(pl.col("visit").is_null()).then("day")
    made = found.with_columns(unscheduled=moment).select(*keys, "day", made="score")
    own = study.ratings.with_columns(unscheduled=moment)
    filled = own.join(made.drop("day"), on=keys, how="left", nulls_equal=True, maintain_order="left")
    filled = filled.with_columns(score=pl.coalesce("score", "made"))
    new = made.join(own, on=keys, how="anti", nulls_equal=True).rename({"made": "score"})
    columns = study.ratings.columns
    return replace(study, ratings=pl.concat([filled.select(columns), new.select(columns)]))
