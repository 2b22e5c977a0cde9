"""A criterion as a study file names it: a published definition, its endpoint, what is to differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from analyses.plan.changed_rule import changed_rule
from cohort.criteria import AT_BASELINE, EVER, LAST_OBSERVED, PUBLISHED, Endpoint, Period
from cohort.errors import CriterionError, some
from cohort.outcomes.times.clocks import clock_of


class Strict(BaseModel):
    """A table of a study file, in which a key that nobody reads is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CriterionSpec(BaseModel):
    """A published definition by name, its endpoint, and what is to differ from the publication.

    Attributes:
        name: One of `cohort.criteria.PUBLISHED`.
        at: For ratings: the visits at which the rule must hold together.
        at_each: For ratings: one criterion for each of these visits.
        endpoint: For ratings: "ever", "last observed" or "baseline".
        by_day: For ratings: on or before this day.

    Any further key is a field of the criterion: `threshold = 6`, `bound = "<"`, `min_observed = 90`, `day = 365`; a
    rule inside it is a table of its own fields: `adequacy = { min_days = 28 }`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str
    at: tuple[str, ...] = ()
    at_each: tuple[str, ...] = ()
    endpoint: Literal["ever", "last observed", "baseline"] | None = None
    by_day: float | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            self.criteria()
        except CriterionError as error:
            told = str(error)
            raise ValueError(told if self.name in told else f"{self.name}: {told}") from None
        return self

    def criteria(self) -> tuple[Any, ...]:
        """Return the criteria that this names: one, or one for each visit of `at_each`.

        Raises:
            CriterionError: No such definition, no such field, two endpoints at once, or a value that it refuses.
        """
        if self.name not in PUBLISHED:
            raise CriterionError(f"no criterion is called {self.name!r}; known are {some(PUBLISHED, 20)}")
        chosen = changed_rule(PUBLISHED[self.name], dict(self.model_extra or {}), self.name)
        endpoints = self._endpoints()
        if endpoints and not hasattr(chosen, "endpoint"):
            raise CriterionError(f"{self.name} has no endpoint at a visit")
        return tuple(replace(chosen, endpoint=endpoint) for endpoint in endpoints) or (chosen,)

    def _endpoints(self) -> tuple[Endpoint, ...]:
        chosen = [Endpoint("at", self.at)] if self.at else []
        chosen += [each for each in (EVER, LAST_OBSERVED, AT_BASELINE) if each.kind == self.endpoint]
        chosen += [Endpoint("by day", day=self.by_day)] if self.by_day is not None else []
        if len(chosen) + bool(self.at_each) > 1:
            raise CriterionError(f"{self.name}: choose one of `at`, `at_each`, `endpoint` and `by_day`")
        return tuple(chosen) or tuple(Endpoint("at", (visit,)) for visit in self.at_each)


def _only_one(spec: CriterionSpec) -> CriterionSpec:
    if len(spec.criteria()) != 1:
        raise ValueError(f"{spec.name}: one criterion is needed here; `at_each` names several")
    return spec


def _first_time(spec: CriterionSpec) -> CriterionSpec:
    try:
        clock_of(_only_one(spec).criteria()[0])
    except CriterionError as error:
        raise ValueError(f"{spec.name}: {error}") from None
    if any(getattr(criterion, "endpoint", None) is not None for criterion in _only_one(spec).criteria()):
        raise ValueError(
            f"{spec.name}: time to an outcome takes no endpoint; the event is the first rating that satisfies it"
        )
    return spec


def _decidable(spec: CriterionSpec) -> CriterionSpec:
    for criterion in spec.criteria():
        if hasattr(criterion, "endpoint") and criterion.endpoint is None:
            raise ValueError(
                f'{spec.name}: name an endpoint: at = ["week 6"], at_each = ["week 3", "week 6"], endpoint = "ever" or '
                '"last observed", or by_day = 42'
            )
        if hasattr(criterion, "day") and criterion.day is None:
            raise ValueError(f"{spec.name}: name a day, for example day = 365")
    return spec


def _a_period(days: tuple[int, int]) -> tuple[int, int]:
    try:
        Period(*days)
    except CriterionError as error:
        raise ValueError(str(error)) from None
    return days


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Awaited = Annotated[CriterionSpec, BeforeValidator(_named), AfterValidator(_first_time)]
Decidable = Annotated[CriterionSpec, BeforeValidator(_named), AfterValidator(_decidable)]
OneCriterion = Annotated[Decidable, AfterValidator(_only_one)]
Days = Annotated[tuple[int, int], AfterValidator(_a_period)]
