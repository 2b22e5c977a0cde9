"""How each treatment was taken: at which dose, from when at enough of it, for how long, how regularly."""

from __future__ import annotations

import polars as pl

from cohort.closed_lists import REASON
from cohort.criteria.adequacy import Adequacy
from cohort.criteria.soundness import check_part
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.outcomes.treatments.dosing import DRUG
from cohort.outcomes.treatments.intake import Intake, counted, intake, settled, together
from cohort.outcomes.treatments.spans import joined_spans
from cohort.records.remembered import remembered
from cohort.records.study import Study, check_study

_COLUMNS = (
    *("start", "stop", "stop_reason", "end", "is_drug", "drug", "known", "why_unknown", "suited", "needed"),
    *("adequate_from", "adequate_to", "adequate_days", "adequate_day", "possible_day", "dosed", "holding", "left"),
    *("minimum_dose", "highest_dose", "last_raise", "adherence", "adherence_day", "adherent"),
)


@remembered
def exposures(study: Study, criterion: Adequacy) -> pl.DataFrame:
    """Return how each treatment was taken, one row a treatment, in order.

    Columns: `subject_id, treatment_no, start, stop, stop_reason, end` as in `courses`; then

    - `is_drug`: every part of the treatment is a drug;
    - `drug`: of the drugs that are judged, the one whose highest dose is lowest against its minimum;
    - `known`: what is missing about doses cannot change the answer; `why_unknown` says what it is, else null;
    - `suited`: every drug that is judged suits the subject; null where that is not known;
    - `needed`: the days that make it adequate;
    - `adequate_from`, `adequate_to`: the first and last day of the span that counts, at or above the minimum dose and
      settled; null if there is none. Of several spans (a fall below the minimum starts anew) it is the first that is
      long enough, else the longest; `adequate_spans` has them all;
    - `adequate_days`: its days (of all spans where a fall only pauses the count, from the start where the first dose
      starts the clock), 0 if there is none;
    - `adequate_day`: the day on which it became long enough, null if never; `possible_day`: the same with every dose
      that is not known taken to be enough;
    - `dosed`: every judged drug was, or may have been, at its minimum at some time; `holding`: all are, or may be, on
      the last day; `left`: the last day on which all were, or may have been; null if never;
    - `minimum_dose`, `highest_dose`: mg a day of `drug`; null where not known, and for a minimum where any dose counts;
    - `last_raise`: the last day on which the dose of a judged drug was raised; null if never;
    - `adherence`: the share of the doses taken, weighted by the days of the periods that have one, else the course's;
      of several drugs the lowest, null where one has none. `adherence_day`: the first day by which it had one.
      `adherent`: whether it is enough; null where that is not known.

    >>> from cohort.criteria.adequacy import ANTISEIZURE_ADEQUACY
    >>> course = {"treatment_no": 1, "drug": "LEV", "kind": "drug", "start_day": 0, "stop_day": [99, 20]}
    >>> treatments = pl.DataFrame({"subject_id": ["a", "b"], "daily_dose": [750, 500]} | course)
    >>> subjects = pl.DataFrame({"subject_id": ["a", "b"], "age": 40, "syndrome": "focal epilepsy"})
    >>> study = Study(name="two", subjects=subjects, treatments=treatments)
    >>> exposures(study, ANTISEIZURE_ADEQUACY).select("adequate_from", "adequate_days", "minimum_dose").rows()
    [(2, 98, 750.0), (None, 0, 750.0)]
    """
    check_study(study)
    check_part("criterion", criterion, Adequacy)
    taken = intake(study, criterion)
    units = taken.drugs.group_by(UNIT).agg(pl.col("needed").max(), pl.col("start").min())
    sure = counted(together(taken, settled(taken, "surely")), units, criterion, UNIT)
    possible = counted(together(taken, settled(taken, "maybe")), units, criterion, UNIT)
    kinds = study.treatments.group_by(UNIT).agg(is_drug=(pl.col("kind").cast(pl.String) == "drug").all())
    whole = courses(study)
    parts = (kinds, units.drop("start"), sure, possible.select(*UNIT, possible_day="adequate_day"))
    for part in (*parts, _at_minimum(taken), _decisive(taken), _suited(taken), _raises(taken), _adherence(taken)):
        whole = whole.join(part, on=UNIT, how="left")
    known = pl.col("adequate_day").is_not_null() | pl.col("possible_day").is_null()
    enough = (100 * pl.col("adherence")).round(9) >= criterion.min_adherence
    return (
        whole.with_columns(
            pl.col("adequate_days").fill_null(0),
            pl.col("dosed", "holding").fill_null(False),
            known=known,
            why_unknown=pl.when(~known).then(pl.coalesce("lacking", pl.lit("dose not recorded"))).cast(REASON),
            adherent=enough.fill_null(True) if criterion.missing_adherence == "taken" else enough,
        )
        .select(*UNIT, *_COLUMNS)
        .sort(UNIT)
    )


@remembered
def adequate_spans(study: Study, criterion: Adequacy) -> pl.DataFrame:
    """Return every span at or above the minimum dose and settled: UNIT, `from_day, to_day`, in order.

    Of several judged drugs, the days on which all are. Days whose dose is not known are in none.
    """
    taken = intake(study, criterion)
    return together(taken, settled(taken, "surely"))


@remembered
def missed_dose_spans(study: Study, criterion: Adequacy) -> pl.DataFrame:
    """Return the periods in which fewer doses were taken than the criterion asks: UNIT, `from_day, to_day`, in order.

    Only adherence recorded with a period of DOSES says when doses were missed; that of a whole course does not.
    """
    share = (100 * pl.col("adherence")).round(9)
    return joined_spans(intake(study, criterion).periods.filter(share < criterion.min_adherence), UNIT)


def _at_minimum(taken: Intake) -> pl.DataFrame:
    """Return whether every judged drug was at its minimum dose, as far as may be, and until when all were."""
    reached = taken.periods.group_by(DRUG).agg(reached=pl.col("maybe").any())
    dosed = reached.group_by(UNIT).agg(dosed=pl.col("reached").all())
    spans = together(taken, joined_spans(taken.periods.filter("maybe"), DRUG))
    last = spans.group_by(UNIT).agg(left=pl.col("to_day").max())
    ends = taken.drugs.group_by(UNIT).agg(last=pl.col("end").max())
    held = dosed.join(last, on=UNIT, how="left").join(ends, on=UNIT)
    return held.select(*UNIT, "dosed", "left", holding=pl.col("left") >= pl.col("last"))


def _decisive(taken: Intake) -> pl.DataFrame:
    """Return the drug whose highest dose is lowest against its minimum; one whose minimum is not known goes first."""
    highest = taken.periods.group_by(DRUG).agg(highest_dose=pl.col("dose").max())
    known = pl.when((pl.col("least") == pl.col("most")) & (pl.col("least") > 0)).then("least")
    doses = taken.drugs.join(highest, on=DRUG, how="left").with_columns(minimum_dose=known)
    share = pl.col("highest_dose") / pl.col("minimum_dose")
    ordered = doses.sort(*UNIT, pl.col("lacking").is_null(), share, "drug", nulls_last=False)
    return ordered.group_by(UNIT, maintain_order=True).agg(
        pl.col("drug", "minimum_dose", "highest_dose").first(), lacking=pl.col("lacking").drop_nulls().first()
    )


def _suited(taken: Intake) -> pl.DataFrame:
    return taken.drugs.group_by(UNIT).agg(suited=pl.col("suited").all(ignore_nulls=False))


def _raises(taken: Intake) -> pl.DataFrame:
    """Return the last day on which a dose was higher than the one known before it."""
    before = pl.col("dose").forward_fill().shift(1).over(DRUG, order_by="from_day")
    raised = taken.periods.filter(pl.col("dose") > before)
    return raised.group_by(UNIT).agg(last_raise=pl.col("from_day").max())


def _adherence(taken: Intake) -> pl.DataFrame:
    days = pl.col("to_day") - pl.col("from_day") + 1
    periods = taken.periods.drop_nulls("adherence").group_by(DRUG)
    means = periods.agg(mean=(pl.col("adherence") * days).sum() / days.sum(), known=(pl.col("to_day") + 1).min())
    # A period's adherence is known when the next begins or the drug is stopped, a course's at its stop.
    by = pl.when(pl.col("mean").is_not_null()).then(pl.min_horizontal("known", "end")).otherwise("stop")
    shares = taken.drugs.join(means, on=DRUG, how="left").with_columns(share=pl.coalesce("mean", "adherence"), by=by)
    known = pl.col("share").is_not_null().all()
    return shares.group_by(UNIT).agg(
        adherence=pl.when(known).then(pl.col("share").min()), adherence_day=pl.when(known).then(pl.col("by").max())
    )
