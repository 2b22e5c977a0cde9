"""One name for a drug, a syndrome, an epilepsy type or a seizure type, whatever the source calls it."""

from __future__ import annotations

from functools import cache

import polars as pl

from cohort.drugs.resources import resource

SEIZURE_TYPES = ("focal", "tonic-clonic", "absence", "myoclonic")


@cache
def _words(kind: str) -> dict[str, str]:
    """Return what each known name of a kind stands for, by the name in lower case; a word stands for itself."""
    rows = resource("names").filter(kind=kind).select("name", "word").rows()
    return {name.lower(): word for name, word in rows} | {word.lower(): word for _, word in rows}


def _plain(name: pl.Expr) -> pl.Expr:
    return name.cast(pl.String).str.to_lowercase().str.strip_chars().str.replace_all(r"\s+", " ")


def canonical(drug: pl.Expr) -> pl.Expr:
    """Return a drug's one name: lower case, known abbreviations, salts and brands replaced.

    A name that is not known stays as it is, in lower case and stripped.

    >>> frame = pl.DataFrame({"drug": ["CBZ", " Sodium valproate", "phenobarbitone", "something new"]})
    >>> frame.select(canonical(pl.col("drug")))["drug"].to_list()
    ['carbamazepine', 'valproate', 'phenobarbital', 'something new']
    """
    return _plain(drug).replace(_words("drug"))


def canonical_name(drug: str) -> str:
    """Return a drug's one name, as `canonical` does for a column."""
    plain = " ".join(drug.lower().split())
    return _words("drug").get(plain, plain)


def known_word(kind: str, name: str | None) -> str | None:
    """Return what a name of a "syndrome", "epilepsy type" or "seizure type" stands for; None where it is not known.

    >>> known_word("syndrome", "JME"), known_word("seizure type", "GTCS"), known_word("syndrome", "unclear")
    ('juvenile myoclonic epilepsy', 'tonic-clonic', None)
    """
    return None if name is None else _words(kind).get(" ".join(name.lower().split()))
