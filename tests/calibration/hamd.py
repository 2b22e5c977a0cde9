"""The randomized antidepressant studies beside their sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.hamd.items import ITEM_MEANS, allocate
from synthetic_data.hamd.scores import Scores, draw_scores
from synthetic_data.presets.hamd import HAMD_MIXTURE, HAMD_STUDY
from tests.calibration.line import Line

Floats = NDArray[np.float64]

ARMS = ("placebo", "drug")
WEEKS = ("baseline", "week 1", "week 2", "week 4", "week 6")
STUDY = "Goldstein 2004, data of the DIA working group, 88 on placebo, 84 on drug"
OWN = f"{STUDY}; band: 2 standard errors of the study itself"
STONE = "Stone 2022, BMJ 378:e067606, 232 studies"
SUBJECTS = 400_000

MEANS = ((17.2, 15.7, 14.3, 12.7, 12.0), (18.6, 16.8, 14.0, 11.9, 10.5))
SDS = (5.5, 5.9, 7.0, 7.1, 7.5)
CORRELATIONS = {
    (0, 1): 0.67,
    (0, 2): 0.54,
    (0, 3): 0.46,
    (0, 4): 0.47,
    (1, 2): 0.76,
    (1, 3): 0.68,
    (1, 4): 0.66,
    (2, 3): 0.78,
    (2, 4): 0.73,
    (3, 4): 0.85,
}
LEFT = ((14, 172), (9, 158), (20, 149))  # before weeks 2, 4 and 6
LEAVERS = ((0.57, -1.86), (-1.60, -3.82), (-2.60, -5.84))  # change at the last visit, of leavers and of stayers
RESIDUAL_VARIANCES = (19.68, 34.21, 38.44, 45.26)
RATED = (172, 158, 149, 129)
# Placebo and drug at week 6: of those rated there, and of all, leavers counted as failures.
SHARES = {
    ("response", "those rated"): (0.308, 0.453),
    ("response", "leavers as failures"): (0.227, 0.345),
    ("remission", "those rated"): (0.277, 0.312),
    ("remission", "leavers as failures"): (0.205, 0.238),
}
SIZES = {"those rated": (65, 64), "leavers as failures": (88, 84)}


def lines() -> list[Line]:
    """Return every line of both presets; `SUBJECTS` in each arm."""
    study, mixture = _Drawn.of(HAMD_STUDY), _Drawn.of(HAMD_MIXTURE)
    parts = (_moments, _leaving, _residuals, _shares)
    return [*(line for part in parts for line in part(study)), *_mixture(mixture), *_items()]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Scores by arm, subject and visit, null where nobody was rated, and as if nobody had left."""

    seen: Floats
    full: Floats
    scores: Scores

    @classmethod
    def of(cls, truth: object) -> _Drawn:
        arm = np.repeat([0, 1], SUBJECTS).reshape(2, SUBJECTS)
        scores = draw_scores(truth, arm, np.random.default_rng(2004))  # type: ignore[arg-type]
        full = scores.recorded.astype(np.float64)
        return cls(np.where(scores.present, full, np.nan), full, scores)


def _line(preset: str, quantity: str, published: float | None, values: tuple[float, float], **more: object) -> Line:
    simulated, error = values
    return Line(preset=preset, quantity=quantity, published=published, simulated=simulated, mc_error=error, **more)  # type: ignore[arg-type]


def _around(published: float, width: float) -> dict[str, float]:
    return {"low": published - width, "high": published + width}


def _mean(values: NDArray[np.generic]) -> tuple[float, float]:
    found = np.asarray(values, dtype=np.float64).ravel()
    found = found[~np.isnan(found)]
    return float(found.mean()), float(found.std() / math.sqrt(found.size))


def _moments(drawn: _Drawn) -> Iterator[Line]:
    for arm, means in enumerate(MEANS):
        for j, published in enumerate(means):
            quantity = f"mean score, {ARMS[arm]}, {WEEKS[j]}, of those rated"
            yield _line(
                "hamd", quantity, published, _mean(drawn.seen[arm, :, j]), **_around(published, 0.15), source=STUDY
            )
    for j, published in enumerate(SDS):
        values = drawn.seen[..., j][~np.isnan(drawn.seen[..., j])]
        sd = float(values.std())
        found = sd, sd / math.sqrt(2 * values.size)
        quantity = f"SD of the score, both arms, {WEEKS[j]}, of those rated"
        yield _line("hamd", quantity, published, found, **_around(published, 0.15), source=STUDY)
    for (i, j), published in CORRELATIONS.items():
        pairs = drawn.seen[..., [i, j]].reshape(-1, 2)
        pairs = pairs[~np.isnan(pairs).any(axis=1)]
        r = float(np.corrcoef(pairs.T)[0, 1])
        quantity = f"correlation of {WEEKS[i]} with {WEEKS[j]}"
        found = r, (1 - r**2) / math.sqrt(len(pairs))
        yield _line("hamd", quantity, published, found, **_around(published, 0.02), source=STUDY)


def _leaving(drawn: _Drawn) -> Iterator[Line]:
    for j, (left, of), (leavers, stayers) in zip((2, 3, 4), LEFT, LEAVERS, strict=True):
        here = ~np.isnan(drawn.seen[..., j - 1])
        leaves = np.isnan(drawn.seen[..., j])[here]
        share = left / of
        width = 2 * math.sqrt(share * (1 - share) / of)
        quantity = f"share who leave before {WEEKS[j]}, of those rated before"
        yield _line("hamd", quantity, share, _mean(leaves), **_around(share, width), source=OWN)
        change = (drawn.full[..., j - 1] - drawn.full[..., 0])[here]
        (first, error), (second, other) = _mean(change[leaves]), _mean(change[~leaves])
        found = first - second, math.hypot(error, other)
        apart, width = leavers - stayers, 2 * float(change.std()) * math.sqrt(1 / left + 1 / (of - left))
        quantity = f"change at {WEEKS[j - 1]}, leavers minus stayers, points"
        yield _line("hamd", quantity, apart, found, **_around(apart, width), source=OWN)


def _residuals(drawn: _Drawn) -> Iterator[Line]:
    """Yield the spread of change around its line on baseline, arm by arm, as if nobody had left."""
    start = drawn.full[..., 0] - drawn.full[..., 0].mean(axis=1, keepdims=True)
    for j, (variance, rated) in enumerate(zip(RESIDUAL_VARIANCES, RATED, strict=True), start=1):
        score = drawn.full[..., j] - drawn.full[..., j].mean(axis=1, keepdims=True)
        residual = score - start * (start * score).sum() / (start**2).sum()
        sd, published = float(residual.std()), math.sqrt(variance)
        width = 2 * published / math.sqrt(2 * rated)
        found = sd, sd / math.sqrt(2 * residual.size)
        quantity = f"SD of change given baseline, {WEEKS[j]}, as if nobody had left (residual SD of an MMRM)"
        yield _line("hamd", quantity, published, found, **_around(published, width), source=OWN)


def _shares(drawn: _Drawn) -> Iterator[Line]:
    last, start = drawn.seen[..., 4], drawn.full[..., 0]
    states = {"response": (2 * last <= start) & (start > 0), "remission": last <= 7}
    for (state, among), published in SHARES.items():
        for arm, share in enumerate(published):
            rated = ~np.isnan(last[arm])
            met = states[state][arm][rated] if among == "those rated" else states[state][arm] & rated
            width = 2 * math.sqrt(share * (1 - share) / SIZES[among][arm])
            quantity = f"{state} at week 6, {ARMS[arm]}, {among}"
            yield _line("hamd", quantity, share, _mean(met), **_around(share, width), source=OWN)


def _mixture(drawn: _Drawn) -> Iterator[Line]:
    latent = drawn.scores.latent
    assert latent is not None
    fall = latent.on_treatment[..., 0].astype(np.float64) - latent.on_treatment[..., 4]
    for arm, share in ((1, 0.245), (0, 0.096)):
        found = _mean(latent.kind[arm] == 0)
        yield _line(
            "hamd_mixture", f"large responders, {ARMS[arm]}", share, found, **_around(share, 0.005), source=STONE
        )
    for kind, published in enumerate((16.0, 8.9, 1.7)):
        quantity = f"mean improvement at week 6 of {HAMD_MIXTURE.classes[kind].name} responders, points"
        found = _mean(fall[latent.kind == kind])
        yield _line("hamd_mixture", quantity, published, found, **_around(published, 0.15), source=STONE)
    (drug, error), (placebo, other) = _mean(fall[1]), _mean(fall[0])
    said = f"{STONE}; band: its confidence interval"
    found = drug - placebo, math.hypot(error, other)
    yield _line(
        "hamd_mixture", "improvement, drug minus placebo, points", 1.75, found, low=1.63, high=1.86, source=said
    )
    yield from _placebo(drawn)
    yield from _dropout(drawn)
    yield from _raters(drawn)


def _placebo(drawn: _Drawn) -> Iterator[Line]:
    estimates = pl.concat([HAMD_MIXTURE.estimates(), HAMD_MIXTURE.analysed_estimates()])
    rows = estimates.filter(pl.col("criterion") == "HAMD17 response (>= 50%) at week 6", statistic="share")
    said = "35 to 40 percent in 252 studies since 1991"
    for term, share, error in rows.filter(group="placebo").select("term", "estimate", "std_error").iter_rows():
        band = {"low": 0.35, "high": 0.40} if term == "had nobody left" else {}
        quantity = f"response to placebo at week 6, {term}"
        yield _line("hamd_mixture", quantity, None, (share, error or 0.0), **band, source=said)


def _dropout(drawn: _Drawn) -> Iterator[Line]:
    latent = drawn.scores.latent
    assert latent is not None
    (placebo, error), (drug, other) = (_mean(latent.gone_from[arm] < 5) for arm in (0, 1))
    said = "148 placebo arms, doi 10.1016/j.pnpbp.2019.109777; 26 percent in depression; band: 23 to 29"
    yield _line("hamd_mixture", "share on placebo who leave", 0.26, (placebo, error), low=0.23, high=0.29, source=said)
    ratio = drug / placebo
    found = ratio, ratio * math.hypot(error / placebo, other / drug)
    said = "73 studies, doi 10.3233/JRS-195041; band: its confidence interval"
    yield _line("hamd_mixture", "risk ratio of leaving, drug to placebo", 1.08, found, low=1.03, high=1.13, source=said)


def _raters(drawn: _Drawn) -> Iterator[Line]:
    latent = drawn.scores.latent
    assert latent is not None
    rng = np.random.default_rng(2010)
    blind = np.floor(latent.severity[..., 0] + rng.normal(0, HAMD_MIXTURE.rater_sd, latent.kind.shape) + 0.5)
    said = "Kobak 2010, one study of two centres, whose raters differed in more than error; shown only"
    quantity = "enrolled at 18 or more whom a blind rater puts below 17 at baseline"
    yield _line("hamd_mixture", quantity, 0.35, _mean(blind < 17), source=said)
    own = HAMD_MIXTURE.covariance[0][0]
    reliability = own / (own + HAMD_MIXTURE.rater_sd**2)
    said = "Morriss 2008, J Affect Disord, 42 subjects in primary care; band: a convention"
    found = reliability, 0.0
    yield _line("hamd_mixture", "reliability of a rating before entry", 0.95, found, **_around(0.95, 0.02), source=said)


def _items() -> Iterator[Line]:
    totals = np.where(np.arange(100_000) % 25 < 16, 11, 12)  # 11.36 on average, the sum of the published means
    items = allocate(totals, np.arange(totals.size), np.random.default_rng(2006))
    said = "Rush 2006, Biol Psychiatry 59:493-501, table 3"
    for item, name in ((1, "depressed mood"), (3, "suicide"), (7, "work and interests"), (10, "psychic anxiety")):
        published = ITEM_MEANS[item - 1]
        found = _mean(items[:, item - 1])
        quantity = f"mean of item {item} ({name}) at totals of 11 and 12"
        yield _line("hamd_mixture", quantity, published, found, **_around(published, 0.05), source=said)
