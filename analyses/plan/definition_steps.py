"""A step that holds several definitions against each other on the same subjects or treatments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

import cohort
from analyses.displays.figures import crosses_figure, definitions_figure
from analyses.displays.report import Part
from analyses.estimates.agreement import AGREEMENT, KAPPA, UNITS, agreement
from analyses.estimates.result import Estimates, estimates_frame
from analyses.plan.performed import Performed, population_of, section
from analyses.plan.plan_file import DefinitionsStep, Plan
from cohort.schemas import OUTCOMES

DIFFERENT = "classed differently"
_WAYS = {
    "excluded": "agreement and kappa leave out units that either of the two leaves undetermined",
    "own level": "in agreement and kappa, undetermined is a level like the others",
}


def definitions(study: cohort.Study, step: DefinitionsStep, plan: Plan) -> Performed:
    """How each definition classes the units, how far they agree, where they part and why."""
    population = population_of(study, step.population)
    criteria = [criterion for spec in step.criteria for criterion in spec.criteria()]
    compared = cohort.compare_definitions(study, criteria, step.as_of, by=step.by, treatments=step.treatments)
    own = population.of(compared.outcomes).select(list(OUTCOMES.columns))
    compared = replace(compared, outcomes=own)
    ordered = own.with_columns(pl.col("category").cast(pl.Enum(compared.levels))) if step.by == "category" else own
    found = agreement(ordered, undetermined=step.undetermined, of=step.by, confidence=plan.confidence)
    first = compared.labels[0]
    parts = [
        _part(found, ["share"], "How each definition classes", drawn=True),
        _part(found, [AGREEMENT, KAPPA], "How far they agree"),
        _part(found, [UNITS], f"Against {first}", against=first, drawn=True),
        *_why(compared, first),
    ]
    when = "" if step.as_of is None else f" As known on day {step.as_of:g}."
    lead = f"{len(criteria)} definitions on the same {compared.unit}s; {_WAYS[step.undetermined]}.{when}"
    return Performed(
        section(step.title or "Definitions compared", lead, parts, population),
        (*population.outcomes, *_asked_of_all(compared, step)),
        (*population.criteria, *criteria),
    )


def _part(
    found: Estimates, statistics: Sequence[str], title: str, *, against: str | None = None, drawn: bool = False
) -> Part:
    frame = found.frame.filter(pl.col("statistic").is_in(statistics))
    if against is not None:
        frame = frame.filter(reference=against)
    shown = replace(found, frame=frame, notes=found.notes if AGREEMENT in statistics else ())
    draw = definitions_figure if "share" in statistics else crosses_figure
    return Part(shown, figure=draw(shown) if drawn else None, title=title)


def _why(compared: cohort.DefinitionComparison, first: str) -> list[Part]:
    """Return the pairs of verdict and reason of units that a definition and the first class differently."""
    rows = [
        {
            "criterion": criterion,
            "reference": reference,
            "term": f"{_said(level, reason)}, there {_said(other, other_reason)}",
            "statistic": DIFFERENT,
            "estimate": n,
            "events": n,
        }
        for criterion, reference, level, other, reason, other_reason, n in compared.why.iter_rows()
        if reference == first
    ]
    if not rows:
        return []
    method = f"Units that a definition and {first} class differently, by what each says of them"
    return [Part(Estimates(estimates_frame(rows), method), title="Why they differ")]


def _said(level: str, reason: str) -> str:
    return f"{level} ({reason})" if reason else level


def _asked_of_all(compared: cohort.DefinitionComparison, step: DefinitionsStep) -> list[pl.DataFrame]:
    """Return each definition's outcomes; those of another day or level than the study's own are not kept under it."""
    if step.as_of is not None or step.treatments is not None:
        return []
    return [compared.outcomes.filter(criterion=label) for label in compared.labels]
