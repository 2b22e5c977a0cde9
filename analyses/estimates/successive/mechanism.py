"""Why further treatments succeed less often: the easier cases have left, or failing itself lowers the next chance."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.covariate_mechanism import mechanism_with_covariates
from analyses.estimates.successive.failure_counts import FailureCounts, Undetermined, by_failures
from analyses.estimates.successive.fitting import fit
from analyses.estimates.successive.mechanism_rows import (
    dependence_notes,
    dependence_rows,
    edge_notes,
    fit_rows,
    fitted_rows,
    observed_rows,
    pairs_of,
    parameter_rows,
)
from analyses.estimates.successive.models import FIVE
from analyses.estimates.successive.selection import selection_notes, selection_rows, selection_shares
from cohort.errors import EstimationError

_IDENTIFIED = (
    "what the data cannot tell apart: with one sequence of treatments a subject and no covariates, selection and "
    "dependence are told apart only by the form that is assumed for how subjects differ. Another form, other "
    "treatments at later steps, or leaving that hangs on the subject's own chance would explain the same counts; "
    "covariates or repeated episodes of the same subject would tell more"
)


def mechanism(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    covariates: Sequence[str] = (),
    subjects: pl.DataFrame | None = None,
    level: float = 0.95,
) -> Estimates:
    """Return how well selection, dependence and both explain the fall in success, and how much of it is selection.

    Each model gives the chance of success after m failures, among those who have failed m times:

    - "constant": the same for everyone and always.
    - "beta frailty": pure selection. Subjects' own chances follow a beta distribution; a / (a + b + m).
    - "responders and resistant": pure selection. A share has one chance, the others none.
    - "dependence": everyone alike; each failure takes `dependence` from the log odds (logit alpha - dependence m).
    - "beta frailty and dependence": subjects differ, and each failure takes log odds from whoever failed.

    Statistics (`term` the model; the treatment number, failures + 1, in `group`):

    - "observed chance" (Wilson's limits) and "fitted chance" (delta method on the logit).
    - Parameters: "chance", "mean chance", "correlation" (the intraclass correlation 1 / (a + b + 1); 0 where subjects
      are alike), "a", "b", "share of responders", "log odds", "dependence" (with frailty: profile limits), "odds ratio
      of failure", "mean log odds", "sd of log odds". Other limits by the delta method on the logit or log.
    - "log likelihood" (of single verdicts; `df` the number of parameters), "AIC", "Pearson chi-square" (`df`,
      `p_value`).
    - "likelihood ratio chi-square" of dependence given frailty (`term` the fuller model, `reference` the one without,
      1 df; 2 where frailty alone is fitted as none): only where the fuller model itself fits (Pearson p >= 0.05).
    - "selection share": the part of the fall in success from treatment 1 to that in `group` which remains when the
      fitted dependence is set to nothing and frailty is kept; profile-likelihood limits. Above 1 where the fitted
      dependence works against the fall. Under beta and, for sensitivity, logit-normal frailty.

    Counted are treatments that met the criterion or did not; those stopped for intolerance are neither success nor
    failure and leave the number of failures as it is.

    With covariates the first parameter of each model (chance, mean chance, share of responders, log odds) is
    logit-linear in them, and the others are the same for everybody. Instead of the parameters that covariates move
    there are "log odds ratio" and "odds ratio" (the covariate in `criterion`, `group` against `reference` for levels);
    a fitted chance is the mean over those who were counted; Pearson's chi-square is over patterns of covariates and
    numbers of failures, without p value where too little is expected in them, and the test of dependence is given
    unless it speaks against the fuller model. The selection share is then of the cohort's fall, had everybody gone on:
    the covariates are part of selection; profile limits are of the last treatment number. Time goes with the number of
    patterns of covariates; where they are very many, no profile limits are sought (the dependence then has
    those of the delta method).

    Args:
        data: Outcomes (one row a subject and treatment number) or counts.
        undetermined: "excluded" leaves courses that could not be decided out; "not met" counts them as not met on the
            treatment itself. Either way they are no failure for the treatments that follow.
        covariates: Columns of `data`, or of `subjects`, that are known at the start: numbers as they are, levels
            against the first.
        subjects: SUBJECTS with covariates, for outcomes.
        level: Coverage of the limits.

    Raises:
        EstimationError: An argument is unknown; fewer than two numbers of failures have counted treatments; nobody or
            everybody met; a covariate is missing, constant, follows from the others or changes within a subject.

    Sources: Heckman JJ. Heterogeneity and state dependence. In: Rosen S (ed). Studies in Labor Markets. Chicago 1981;
    Sheps MC. Biometrics 1964;20:304-19 (chances that differ); Elbers C, Ridder G. Rev Econ Stud 1982;49:403-9 (what
    identifies them); Venzon DJ, Moolgavkar SH. Appl Stat 1988;37:87-94 (profile limits).

    >>> chen = pl.DataFrame({"treatment_no": [1, 2, 3, 4, 5, 6], "tried": [1795, 742, 330, 140, 71, 43],
    ...                      "met": [820, 208, 78, 21, 10, 6]})
    >>> found = mechanism(chen, undetermined="excluded")
    >>> [round(found.value(name, term="beta frailty"), 3) for name in ("a", "b", "Pearson chi-square")]
    [0.803, 0.959, 1.955]
    """
    given = by_failures(data, undetermined)
    z, counts = normal_quantile(level), given.counts
    _demand_a_fall(counts)
    if covariates:
        return mechanism_with_covariates(data, covariates, subjects, undetermined, level)
    fits = [fit(model, counts) for model in FIVE if len(model.low) <= len(counts.failures)]
    pairs = pairs_of(counts)
    rows = observed_rows(counts, z)
    for found in fits:
        rows += [*parameter_rows(found, level), *fit_rows(found)]
        rows += fitted_rows(found, counts.failures, "fitted chance", z)
    others = [found for pair in pairs[1:] for found in (pair.frailty, pair.full)]
    for found in others:
        rows += [*parameter_rows(found, level), *fit_rows(found)]
    shares = [selection_shares(pair, level) for pair in pairs]
    for pair, part in zip(pairs, shares, strict=True):
        rows += [*dependence_rows(pair), *selection_rows(pair, part, int(counts.failures[0]) + 1)]
    notes = [*given.notes, *edge_notes([*fits, *others]), *(note for pair in pairs for note in dependence_notes(pair))]
    notes += [*selection_notes(pairs, shares), _IDENTIFIED]
    method = (
        "Success by the number of failures before, fitted by maximum likelihood: constant, beta frailty, responders "
        "and resistant, dependence, frailty and dependence; the share of the fall that is selection with "
        f"{100 * level:g}% profile-likelihood limits"
    )
    return Estimates(estimates_frame(rows), method, tuple(notes), level, tuple(fits))


def _demand_a_fall(counts: FailureCounts) -> None:
    if len(counts.failures) < 2:
        raise EstimationError(
            f"all {counts.counted.sum()} counted treatments follow {counts.failures[0]} failures; a fall in success "
            "needs treatments after at least two different numbers of failures"
        )
    for count, who in ((counts.met, "nobody"), (counts.missed, "everybody")):
        if count.sum() == 0:
            raise EstimationError(f"{who} of {counts.counted.sum()} treatments met the criterion; no fall to explain")
