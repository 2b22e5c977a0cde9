"""What `[analysis]` of a study file may say."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from analyses.plan.changed_rule import changed_rule
from cohort.criteria import AT_BASELINE, EVER, LAST_OBSERVED, PUBLISHED, Endpoint, Period
from cohort.errors import CohortError, CriterionError, RecordError, some
from cohort.records.study_file import faults

Undetermined = Literal["excluded", "not met"]


class _Strict(BaseModel):
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
    if not hasattr(_only_one(spec).criteria()[0], "event"):
        raise ValueError(f"{spec.name}: a report draws the time to remission, to response and to withdrawal alone")
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


class _Step(_Strict):
    title: str | None = None
    population: OneCriterion | None = None


class BaselineStep(_Step):
    """A table of the subjects at entry: covariates, the baseline score of a scale, the baseline seizure rate."""

    what: Literal["baseline"]
    covariates: tuple[str, ...] | None = None
    scale: str | None = None
    baseline_days: Days | None = None


class VisitsStep(_Step):
    """Scores and changes from baseline at each visit, and who came to them."""

    what: Literal["visits"]
    scale: str


class SharesStep(_Step):
    """The share of subjects (or of treatments, by number) that meet each criterion."""

    what: Literal["shares"]
    criteria: tuple[Decidable, ...] = Field(min_length=1)
    undetermined: tuple[Undetermined, ...] = Field(min_length=1)
    by: Literal["arm", "treatment_no"] = "arm"


class RatesStep(_Step):
    """Seizure rates per 28 observed days in two periods, percent change and response ratio."""

    what: Literal["seizure rates"]
    baseline_days: Days
    treatment_days: Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.baseline_days[1] >= self.treatment_days[0]:
            raise ValueError("`baseline_days` must end before `treatment_days` begin")
        return self


class TimeStep(_Step):
    """Time to an outcome: Kaplan-Meier by arm, log-rank, Cox models."""

    what: Literal["time"]
    to: Awaited
    times: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = (0.25, 0.5, 0.75)
    cox: tuple[str, ...] = ()
    y_label: str | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if any(not 0 <= time < inf for time in self.times):
            raise ValueError("`times` are days from the clock's start; they cannot be negative or without end")
        if any(not 0 < probability < 1 for probability in self.probabilities):
            raise ValueError("`probabilities` lie between 0 and 1")
        return self


class DefinitionsStep(_Step):
    """Several definitions on the same units: how each classes them, how far they agree, where they part and why."""

    what: Literal["definitions"]
    criteria: tuple[Decidable, ...] = Field(min_length=1)
    undetermined: Literal["excluded", "own level"]
    by: Literal["verdict", "category"] = "verdict"
    treatments: Literal["any"] | None = None
    as_of: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _several(self) -> Self:
        if sum(len(spec.criteria()) for spec in self.criteria) < 2:
            raise ValueError("`criteria` names at least two definitions to compare")
        return self


Step = Annotated[
    BaselineStep | VisitsStep | SharesStep | RatesStep | TimeStep | DefinitionsStep, Field(discriminator="what")
]


class Plan(_Strict):
    """`[analysis]`: the steps in order, the confidence level of every interval, whether items are added up first."""

    confidence: float = Field(default=0.95, gt=0, lt=1)
    totals: bool = False
    step: tuple[Step, ...] = Field(min_length=1)


def load_plan(analysis: dict[str, Any]) -> Plan:
    """Return `[analysis]`, checked.

    Raises:
        RecordError: It is not there, has a key that nobody reads, or asks for what does not exist.
    """
    if not analysis:
        raise RecordError(
            "study.toml has no [analysis]; say what to estimate in [[analysis.step]] tables (see docs/study_file.md)"
        )
    try:
        return Plan.model_validate(analysis)
    except ValidationError as error:
        raise RecordError(f"[analysis] {faults(error)}") from None
    except CohortError as error:
        raise RecordError(f"[analysis] {error}") from None
