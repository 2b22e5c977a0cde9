"""Published counts of successive treatments, as data that every analysis of them can take."""

from __future__ import annotations

from importlib.resources import files

import polars as pl

from cohort.errors import EstimationError, some

SCHEMA = pl.Schema(
    {
        "study": pl.String(),
        "criterion": pl.String(),
        "treatment_no": pl.Int64(),
        "tried": pl.Int64(),
        "met": pl.Int64(),
        "cohort": pl.Int64(),
        "source": pl.String(),
        "confirmed": pl.String(),
        "note": pl.String(),
    }
)
_TABLES = ("brodie_2012", "chen_2018", "kwan_brodie_2000", "stard_2006")


def published_steps(study: str | None = None) -> pl.DataFrame:
    """Return published counts by study and treatment number.

    Columns: `study`, `criterion`, `treatment_no`, `tried` (null where a paper does not say), `met`, `cohort` (how many
    started treatment 1), `source`, `confirmed` ("yes" where both counts were seen in print, "no" where one of them is
    from memory or computed) and `note`, which says which.

    Args:
        study: One study, as "Chen 2018"; None for all.

    Raises:
        EstimationError: There is no such study.

    Sources: Brodie MJ et al. Neurology 2012;78:1548-54; Chen Z et al. JAMA Neurol 2018;75:279-86; Kwan P, Brodie MJ.
    N Engl J Med 2000;342:314-9; Rush AJ et al. Am J Psychiatry 2006;163:1905-17.

    >>> published_steps("STAR*D 2006").select("treatment_no", "tried", "met").rows()
    [(1, 3671, 1346), (2, 1439, 439), (3, 390, 53), (4, 123, 16)]
    """
    room = files("analyses.plan").joinpath("published")
    tables = [pl.read_csv(room.joinpath(f"{name}.csv").read_bytes(), schema=SCHEMA) for name in _TABLES]
    found = pl.concat(tables)
    if study is None:
        return found
    names = found["study"].unique(maintain_order=True).to_list()
    if study not in names:
        raise EstimationError(f"study={study!r} is not among the {len(names)} published tables: {some(names, 9)}")
    return found.filter(study=study)
