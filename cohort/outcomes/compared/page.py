"""A comparison of definitions as a plain piece of a page: counts alone, no subjects."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cohort.outcomes.compared.comparison import DefinitionComparison

_MOST_REASONS = 8


def compared_page(compared: DefinitionComparison) -> str:
    """Return three tables: how each definition classes, how far each pair agrees, and why they differ."""
    title = f"{compared.study}: {len(compared.labels)} definitions, by {compared.by} of each {compared.unit}"
    shares = {
        (criterion, level): f"{n} ({100 * share:.1f}%)" if share is not None else f"{n}"
        for criterion, level, n, _, share in compared.counts.iter_rows()
    }
    classed = [(label, *(shares[label, level] for level in compared.levels)) for label in compared.labels]
    alike = [
        (criterion, reference, f"{agreeing} of {n}" + (f" ({100 * agreeing / n:.1f}%)" if n else ""))
        for criterion, reference, n, agreeing in compared.agreeing.iter_rows()
    ]
    reasons = compared.why.sort("n", descending=True, maintain_order=True)
    why = [
        (n, criterion, _said(level, reason), reference, _said(other, other_reason))
        for criterion, reference, level, other, reason, other_reason, n in reasons.head(_MOST_REASONS).iter_rows()
    ]
    tables = [
        _table(title, ("definition", *compared.levels), classed),
        _table("Classed alike", ("definition", "against", "units"), alike),
        _table(f"Why they differ (largest of {reasons.height})", ("units", "one says", "", "the other says", ""), why),
    ]
    return "".join(tables)


def _said(level: str, reason: str) -> str:
    return f"{level} ({reason})" if reason else level


def _table(caption: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heading)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{html.escape(caption)}</caption><tr>{head}</tr>{body}</table>"
