"""Bands of markers and antibodies as covariates."""

from __future__ import annotations

import polars as pl

from cohort.criteria.markers import Antibody, MarkerBands
from cohort.errors import CriterionError, some
from cohort.outcomes.findings.findings import answers, named, refuse_other_words
from cohort.records.study import Study, check_study

_PICK = {"first": "day", "last": "day", "highest": "value", "lowest": "value"}


def marker_bands(study: Study, *markers: MarkerBands | Antibody, by_day: float = 0) -> pl.DataFrame:
    """Return each subject's band of each marker, as recorded up to a day; to be joined to the subjects.

    A baseline covariate uses nothing that came after day 0, which is why `by_day` is 0 where nothing is said.

    Args:
        study: The study.
        markers: Whose bands.
        by_day: The last day of the findings that count.

    Returns:
        `subject_id`, and for each marker an Enum column of its name, its bands from low to high; null where the marker
        was not found out by then.

    Raises:
        CriterionError: Two markers bear one name, nobody has a finding of that name, a value has a unit that the bands
            do not know, or an antibody's result is neither yes nor no.

    >>> import polars as pl
    >>> from cohort.criteria import CRP_BANDS
    >>> found = pl.DataFrame({"subject_id": ["a", "b"], "day": [0, 0], "finding": "hs-CRP", "value": [0.4, 3.0]})
    >>> study = Study(name="two", subjects=found.select("subject_id"), findings=found)
    >>> marker_bands(study, CRP_BANDS).rows()
    [('a', 'below 1'), ('b', '1 to 3')]
    """
    check_study(study)
    strange = [type(marker).__name__ for marker in markers if not isinstance(marker, MarkerBands | Antibody)]
    if strange:
        raise CriterionError(f"a marker is a MarkerBands or an Antibody of cohort.criteria, not a {strange[0]}")
    names = [marker.finding for marker in markers]
    if len(set(names)) < len(names):
        raise CriterionError(f"a marker is named twice among {some(names, 20)}; ask for its bands one by one")
    _refuse_unknown(study, names)
    known = study.known_at(by_day)
    found = study.subjects.select("subject_id").sort("subject_id")
    for marker in markers:
        own = _antibody(study, known, marker) if isinstance(marker, Antibody) else _banded(study, known, marker)
        band = pl.col("band").cast(pl.Enum(list(marker.bands))).alias(marker.finding)
        found = found.join(own, on="subject_id", how="left", maintain_order="left").with_columns(band).drop("band")
    return found


def _refuse_unknown(study: Study, names: list[str]) -> None:
    """Refuse a marker that nobody has: under another name it would be missing for everybody without a word."""
    present = study.findings["finding"].unique().sort()
    absent = [name for name in names if named(study, name).is_empty()]
    if absent:
        known = some(present, 9) if present.len() else "none"
        raise CriterionError(f"nobody has a finding called {some(absent)}; the study's findings are {known}")


def _banded(study: Study, known: Study, marker: MarkerBands) -> pl.DataFrame:
    rows = named(study, marker.finding).drop_nulls("value")
    other = rows.filter(~pl.col("unit").fill_null(marker.unit).is_in(list(marker.units)))
    if other.height:
        raise CriterionError(
            f"{other.height} values of {marker.finding} are in {some(other['unit'].unique().sort())}; the bands know "
            f"{some(marker.units, 20)}"
        )
    rows = named(known, marker.finding).drop_nulls("value")
    place = pl.lit(0)
    for edge, (bound, _) in enumerate(marker.edges):
        for unit, numbers in marker.units.items():
            here = pl.col("unit").fill_null(marker.unit) == unit
            below = pl.col("value") < numbers[edge] if bound == "<" else pl.col("value") <= numbers[edge]
            place += (here & ~below).cast(pl.Int64)
    # Values in different units are compared by their bands, and within a band nothing hangs on which one counts.
    ranked = rows.with_columns(value=place)
    return _picked(ranked, marker.take).select(
        "subject_id", band=pl.col("value").replace_strict(dict(enumerate(marker.bands)), return_dtype=pl.String)
    )


def _picked(rows: pl.DataFrame, take: str) -> pl.DataFrame:
    """Return one row a subject: the first, last, highest or lowest."""
    ordered = rows.sort("subject_id", _PICK[take], descending=[False, take in ("last", "highest")])
    return ordered.group_by("subject_id", maintain_order=True).first()


def _antibody(study: Study, known: Study, marker: Antibody) -> pl.DataFrame:
    refuse_other_words(study, [marker.finding])
    told = answers(known, [marker.finding]).drop("finding")
    titres = named(known, marker.finding).select("subject_id", "day", titre="value")
    rows = told.join(titres, on=["subject_id", "day"], how="left")
    least = marker.min_titre or 0
    positive = pl.when(pl.col("titre") < least).then(1).when(pl.lit(least == 0) | pl.col("titre").is_not_null()).then(2)
    rows = rows.with_columns(value=pl.when("answer").then(positive).otherwise(0)).drop_nulls("value")
    return _picked(rows, marker.take).select(
        "subject_id", band=pl.col("value").replace_strict(dict(enumerate(marker.bands)), return_dtype=pl.String)
    )
