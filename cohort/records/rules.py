"""What makes a record unsound: one list of rules, used to refuse rows at the door and to check a Study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cohort.scales import SCALES
from cohort.schemas import RECORD_FRAMES

EXACT_DUPLICATE = "exact duplicate of a row that was kept"
CONFLICT = "conflicts with another row for the same key"


@dataclass(frozen=True)
class Rule:
    """A row is unsound where the expression is true; a null answer counts as sound."""

    reason: str
    bad: pl.Expr


def unsound(
    table: str, frame: pl.DataFrame, subjects: pl.DataFrame, treatments: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return which rows of a table are unsound.

    A row is refused by the first rule that it breaks; rules that hold rows against each other see only what is left, so
    a row out of range never makes a conflict of its sound twin. Of exact copies the first is kept; of a conflict none.

    Args:
        table: The frame's name in `cohort.schemas`.
        frame: Rows of that shape, subjects with their covariates.
        subjects: The sound subjects; not looked at for the table of subjects itself.
        treatments: The sound treatments, for tables that refer to them.

    Returns:
        `row` (position in `frame`) and `reason`, one line a refused row, in the order of `row`.
    """
    left = _beside(table, frame.with_row_index("_position"), subjects, treatments)
    refused = []
    for rule in rules_of(table, frame.schema):
        mask = left.select(rule.bad.fill_null(False)).to_series()
        refused.append(left.filter(mask).select(row="_position", reason=pl.lit(rule.reason)))
        left = left.filter(~mask)
    return pl.concat(refused).sort("row")


def _beside(table: str, frame: pl.DataFrame, subjects: pl.DataFrame, treatments: pl.DataFrame | None) -> pl.DataFrame:
    """Return the rows with what the rules need to know of their subject and treatment."""
    if table == "subjects":
        return frame
    spans = subjects.select("subject_id", _known=pl.lit(True), _first="first_day", _last="last_day")
    joined = frame.join(spans, on="subject_id", how="left", maintain_order="left")
    if table not in _OF_TREATMENTS or treatments is None:
        anywhen = pl.lit(None, dtype=pl.Int64)
        return joined.with_columns(_course=pl.lit(True), _start=anywhen, _stop=anywhen)
    key = _OF_TREATMENTS[table]
    begun, going_on = pl.col("start_day").min(), pl.col("stop_day").is_null().any()
    ended = pl.when(~going_on).then(pl.col("stop_day").max())
    courses = treatments.group_by(key).agg(_course=pl.lit(True), _start=begun, _stop=ended)
    return joined.join(courses, on=key, how="left", maintain_order="left")


def rules_of(table: str, schema: pl.Schema) -> tuple[Rule, ...]:
    """Return the rules of a table with these columns, in the order in which they are applied."""
    return (
        *_finite_rules(schema),
        *_SCALE_RULES.get(table, tuple)(),
        *_ROW_RULES.get(table, ()),
        *_subject_rules(table),
        *_twin_rules(table, list(schema)),
        *_overlap_rules(table),
    )


def _finite_rules(schema: pl.Schema) -> tuple[Rule, ...]:
    floats = [name for name, dtype in schema.items() if dtype.is_float()]
    return tuple(Rule(f"{name} is not a finite number", ~pl.col(name).is_finite()) for name in floats)


def _subject_rules(table: str) -> tuple[Rule, ...]:
    if table == "subjects":
        return ()
    rules = [Rule("subject is not in the subject table", pl.col("_known").is_null())]
    if table in _DAYS:
        begin, end = _DAYS[table]
        rules.append(
            Rule("outside the subject's days of observation", (begin < pl.col("_first")) | (end > pl.col("_last")))
        )
    if table in _LAST_DAYS:
        rules.append(Rule("after the subject's last day of observation", _LAST_DAYS[table] > pl.col("_last")))
    if table in _OF_TREATMENTS:
        what = table.removesuffix("s")
        rules.append(Rule(f"{what} of a treatment that is not in the treatment table", pl.col("_course").is_null()))
    if table == "settings":
        day = pl.col("from_day")
        rules.append(Rule("outside the days of the treatment", (day < pl.col("_start")) | (day > pl.col("_stop"))))
    return tuple(rules)


def _twin_rules(table: str, columns: list[str]) -> tuple[Rule, ...]:
    """Refuse copies, and what cannot both be true; a scale is rated once at a visit, on whichever day."""
    copy = ~pl.struct(columns).is_first_distinct()
    conflict = pl.struct(RECORD_FRAMES[table].keys).is_duplicated()
    if table in ("ratings", "items"):
        visit = [name for name in RECORD_FRAMES[table].keys if name != "day"]
        conflict |= pl.struct(visit).is_duplicated() & pl.col("visit").is_not_null()
    return Rule(EXACT_DUPLICATE, copy), Rule(CONFLICT, conflict)


def _overlap_rules(table: str) -> tuple[Rule, ...]:
    """Spans of one subject may not overlap; two seizure types may share the very same span."""
    if table not in ("seizures", "observed"):
        return ()
    begin, end = _DAYS[table]
    begin, end = begin.alias("begin"), end.alias("end")
    first_of_span = (begin != begin.shift(1)) | (end != end.shift(1))
    last_of_span = (begin != begin.shift(-1)) | (end != end.shift(-1))
    # Rows of the same span look past each other, at the spans before and behind them.
    reach = pl.when(first_of_span).then(end.cum_max().shift(1)).forward_fill()
    following = pl.when(last_of_span).then(begin.shift(-1)).backward_fill()
    clash = ((begin <= reach) | (following <= end)).fill_null(False)
    in_subject = clash.over("subject_id", order_by=pl.struct(begin, end))
    return (Rule("overlaps another record of the subject", in_subject),)


def _between(column: str, low: float, high: float) -> Rule:
    bad = (pl.col(column) < low) | (pl.col(column) > high)
    return Rule(f"{column} outside {low:g} to {high:g}", bad)


def _score_rules() -> tuple[Rule, ...]:
    unknown = Rule("unknown scale", ~pl.col("scale").is_in(list(SCALES)))
    ranges = tuple(
        Rule(
            f"score outside {scale.low:g} to {scale.high:g} of {scale.name}",
            (pl.col("scale") == scale.name) & ((pl.col("score") < scale.low) | (pl.col("score") > scale.high)),
        )
        for scale in SCALES.values()
    )
    return (unknown, *ranges)


def _item_rules() -> tuple[Rule, ...]:
    rules = [Rule("unknown scale", ~pl.col("scale").is_in(list(SCALES)))]
    for scale in SCALES.values():
        here = pl.col("scale") == scale.name
        known = dict(scale.item_maxima)
        most = pl.col("item").replace_strict(known, default=None, return_dtype=pl.Float64)
        rules.append(Rule(f"no such item in {scale.name}", here & most.is_null()))
        rules.append(
            Rule(
                f"item score outside its range in {scale.name}",
                here & ((pl.col("score") < 0) | (pl.col("score") > most)),
            )
        )
    return tuple(rules)


# Made when they are asked for: a scale may have been registered meanwhile.
_SCALE_RULES: dict[str, Callable[[], tuple[Rule, ...]]] = {"ratings": _score_rules, "items": _item_rules}
_ROW_RULES: dict[str, tuple[Rule, ...]] = {
    "subjects": (Rule("last_day before first_day", pl.col("last_day") < pl.col("first_day")),),
    "seizures": (
        Rule("negative count", pl.col("count") < 0),
        Rule("covers less than one day", pl.col("days") < 1),
    ),
    "observed": (Rule("to_day before from_day", pl.col("to_day") < pl.col("from_day")),),
    "treatments": (
        Rule("stop_day before start_day", pl.col("stop_day") < pl.col("start_day")),
        Rule("treatment_no below 1", pl.col("treatment_no") < 1),
        Rule("negative dose", pl.col("daily_dose") < 0),
        _between("adherence", 0, 1),
    ),
    "doses": (Rule("negative dose", pl.col("daily_dose") < 0), _between("adherence", 0, 1)),
    "adverse_effects": (Rule("to_day before day", pl.col("to_day") < pl.col("day")),),
    "episodes": (Rule("to_day before from_day", pl.col("to_day") < pl.col("from_day")),),
}

# What a treatment is found by: a dose belongs to a combination, a setting to the device or diet itself.
_OF_TREATMENTS = {"doses": ["subject_id", "treatment_no"], "settings": ["subject_id", "treatment_no", "drug"]}

# Treatments may begin before observation does, and end with it at the latest.
_LAST_DAYS: dict[str, pl.Expr] = {
    "treatments": pl.max_horizontal("start_day", "stop_day"),
    "doses": pl.col("from_day"),
    "settings": pl.col("from_day"),
}

# First and last day of what a record speaks of, where it must lie within the subject's observation.
_DAYS: dict[str, tuple[pl.Expr, pl.Expr]] = {
    "ratings": (pl.col("day").floor(), pl.col("day").floor()),
    "items": (pl.col("day").floor(), pl.col("day").floor()),
    "seizures": (pl.col("day"), pl.col("day") + pl.col("days") - 1),
    "observed": (pl.col("from_day"), pl.col("to_day")),
}
