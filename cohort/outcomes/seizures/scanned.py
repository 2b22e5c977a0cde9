"""Clinical rules on a diary that is too big to hold: one reading, the same verdicts as of a study in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from cohort.criteria import Period, SeizureFreedom, SeizureResponse
from cohort.criteria.soundness import check_part
from cohort.errors import CriterionError, RecordError
from cohort.outcomes.judgement import Judgement
from cohort.outcomes.seizures import freedom, seizure_response
from cohort.outcomes.seizures.runs import with_looked_from, with_needed
from cohort.outcomes.seizures.scanned_freedom import freedom_numbers
from cohort.outcomes.seizures.scanned_periods import period_sums, reach
from cohort.outcomes.treatments.courses import UNIT, courses, with_end
from cohort.records.derive import compared, follow_up, with_rates
from cohort.records.diary_pieces import Pieces
from cohort.records.diary_reading import Reading, read_diary
from cohort.records.diary_scan import DiaryScan
from cohort.records.study import Study, check_study
from cohort.schemas import EVIDENCE, OUTCOMES, SEIZURES

DiaryCriterion = SeizureFreedom | SeizureResponse


@dataclass(frozen=True, eq=False)
class DiaryAnswer:
    """What one reading of a diary answers.

    Attributes:
        outcomes: OUTCOMES of the criteria, one after another, as `classify` returns them.
        evidence: EVIDENCE of them.
        changes: The two periods side by side, as `seizure_changes` returns them; without rows where none were named.
        rows_read: How many rows the diary has.
        refused: `reason, rows`: how many of them were refused, and why.
        subjects_sorted: How many subjects were read a second time, their rows being unsound or out of order.
    """

    outcomes: pl.DataFrame
    evidence: pl.DataFrame
    changes: pl.DataFrame
    rows_read: int
    refused: pl.DataFrame
    subjects_sorted: int


def classify_diary(
    scan: DiaryScan,
    criteria: Sequence[DiaryCriterion] = (),
    *,
    study: Study | None = None,
    start_day: int = 0,
    periods: tuple[Period, Period] | None = None,
    as_of: float | None = None,
) -> DiaryAnswer:
    """Return the verdicts of criteria on a diary in Parquet, and its rates per 28 days, in one reading.

    The verdicts are those of `classify` on a study that holds the diary's rows as SEIZURES, and so is what missing days
    do: a null count and a day without a row are missing, never zero. Nobody's whole diary is made into rows for it: the
    days with seizures, the missing days and the spans between them decide everything.

    Args:
        scan: The diary.
        criteria: Rules on seizures: sustained freedom, or a fall of the rate.
        study: Subjects, treatments and whatever else was recorded, without seizures. None takes everyone in the diary,
            under one treatment that goes on from `start_day`.
        start_day: When that treatment starts; not looked at where a study is given.
        periods: The baseline and the treatment period of `changes`.
        as_of: Only what was known on this day counts, as in `classify`.

    Raises:
        CriterionError: A criterion is not about seizures, or asks for what the study does not hold.
        RecordError: The study has seizure records of its own.

    >>> from tempfile import TemporaryDirectory
    >>> rows = pl.DataFrame({"subject_id": "a", "day": [-2, -1, 0, 1], "count": [2, None, 1, 0]})
    >>> with TemporaryDirectory() as folder:
    ...     rows.write_parquet(f"{folder}/diary.parquet")
    ...     scan = DiaryScan(source=f"{folder}/diary.parquet")
    ...     answer = classify_diary(scan, periods=(Period(-2, -1), Period(0, 1)))
    >>> answer.changes.select("baseline_days", "baseline_rate28", "rate28", "percent_change").row(0)
    (1, 56.0, 14.0, -75.0)
    """
    _refuse(scan, criteria, study)
    for period in periods or ():
        check_part("a period", period, Period)
    known = study if study is None or as_of is None else study.known_at(as_of)
    questions = _Questions(tuple(criteria), periods, None if known is None else _followed(known), start_day)
    subjects = None if study is None else study.subjects
    reading = read_diary(scan, questions.asked, subjects, None if as_of is None else math.floor(as_of))
    last_rows, *answers = reading.answers
    whole = _with_last_rows(_of_everyone(last_rows, start_day) if known is None else known, last_rows)
    return questions.answered(whole, answers, reading)


def _refuse(scan: DiaryScan, criteria: Sequence[DiaryCriterion], study: Study | None) -> None:
    check_part("scan", scan, DiaryScan)
    check_part("criteria", criteria, Sequence)
    for criterion in criteria:
        if not isinstance(criterion, SeizureFreedom | SeizureResponse):
            raise CriterionError(
                f"a diary answers SeizureFreedom and SeizureResponse, not {type(criterion).__name__}; ask `classify`"
            )
    if study is None:
        return
    check_study(study)
    if study.seizures.height or study.observed.height:
        raise RecordError("the study has seizure records of its own; give it without them, the diary has the seizures")
    if not scan.height and criteria:
        raise CriterionError("the diary has no rows")
    if study.treatments.is_empty() and any(isinstance(criterion, SeizureFreedom) for criterion in criteria):
        raise CriterionError("sustained freedom is judged for each treatment, and the study has no treatments")


@dataclass(frozen=True, eq=False)
class _Questions:
    """What is asked of a diary: of some subjects at a time, and then of all."""

    criteria: tuple[DiaryCriterion, ...]
    periods: tuple[Period, Period] | None
    followed: pl.DataFrame | None
    start_day: int

    def asked(self, pieces: Pieces) -> list[pl.DataFrame]:
        """Return the last rows of some subjects, then the numbers of each criterion, then of the periods."""
        place = pl.int_range(pl.len(), dtype=pl.Int64)
        rows = pl.DataFrame({"subject_id": pieces.subjects, "last_row": pieces.last_row}).with_columns(place=place)
        units = self._units(rows)
        frames = [rows.drop("place")]
        for criterion in self.criteria:
            if isinstance(criterion, SeizureFreedom):
                frames.append(freedom_numbers(pieces, with_looked_from(units, criterion), criterion))
            else:
                frames += [period_sums(pieces, criterion.baseline), period_sums(pieces, criterion.treatment)]
                frames.append(reach(pieces, criterion.treatment))
        return frames + [period_sums(pieces, period) for period in self.periods or ()]

    def _units(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the courses of some subjects, followed to the last row of the diary where nothing else says so."""
        if self.followed is None:
            start = pl.lit(self.start_day, dtype=pl.Int64)
            end = pl.max_horizontal(start, "last_row")
            return rows.with_columns(treatment_no=pl.lit(1, dtype=pl.Int64), start=start, end=end)
        here = self.followed.join(rows, on="subject_id")
        seen = pl.when("stated").then("last_day").otherwise(pl.max_horizontal("last_day", "last_row"))
        return with_end(here.with_columns(last_day=seen))

    def answered(self, study: Study, answers: list[pl.DataFrame], reading: Reading) -> DiaryAnswer:
        """Return the answer for a study from the numbers of all its subjects."""
        left = iter(answers)
        judgements = [
            _freedom(study, next(left), criterion)
            if isinstance(criterion, SeizureFreedom)
            else _response(study, [next(left), next(left), next(left)], criterion)
            for criterion in self.criteria
        ]
        both = list(left) or [period_sums(Pieces.none(), Period(0, 0))] * 2
        changes = compared(study, with_rates(study, both[0]), with_rates(study, both[1]))
        return DiaryAnswer(
            outcomes=pl.concat([OUTCOMES.empty(), *(found.outcomes for found in judgements)]),
            evidence=pl.concat([EVIDENCE.empty(), *(found.evidence for found in judgements)]),
            changes=changes if self.periods else changes.clear(),
            rows_read=reading.rows_read,
            refused=reading.refused,
            subjects_sorted=reading.subjects_sorted,
        )


def _freedom(study: Study, numbers: pl.DataFrame, criterion: SeizureFreedom) -> Judgement:
    units = with_looked_from(courses(study), criterion).join(numbers, on=UNIT, how="left")
    return freedom.judged(with_needed(units, criterion).with_columns(clear_from="start").sort(UNIT), criterion)


def _response(study: Study, numbers: list[pl.DataFrame], criterion: SeizureResponse) -> Judgement:
    before, after, reached = numbers
    units = compared(study, with_rates(study, before), with_rates(study, after))
    return seizure_response.judged(units.join(reached, on="subject_id", how="left"), criterion)


def _followed(study: Study) -> pl.DataFrame:
    """Return the courses with the last day that is known without the diary, and whether it was stated."""
    stated = study.subjects.select("subject_id", stated=pl.col("last_day").is_not_null())
    units = courses(study).select(*UNIT, "start", "stop")
    return units.join(follow_up(study), on="subject_id").join(stated, on="subject_id")


def _with_last_rows(study: Study, last_rows: pl.DataFrame) -> Study:
    """Return the study with one record a subject, of a day recorded as missing: the last day of the diary."""
    known = last_rows.join(study.subjects.select("subject_id"), on="subject_id")
    ends = known.select("subject_id", day="last_row", days=pl.lit(1, dtype=pl.Int64))
    return replace(study, seizures=SEIZURES.conform(ends))


def _of_everyone(last_rows: pl.DataFrame, start_day: int) -> Study:
    named = last_rows.select("subject_id")
    course = named.with_columns(treatment_no=1, drug=pl.lit("treatment"), kind=pl.lit("drug"), start_day=start_day)
    return Study(name="diary", subjects=named, treatments=course)
