"""A simulated study as a folder that `refractory run` takes, with the analysis that suits its preset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import cohort
import synthetic_data
from analyses.plan.folder import finished_folder
from cohort.errors import CohortError, some
from cohort.records.write import Form, require_new
from synthetic_data.estimands import Truth
from synthetic_data.simulation import BLOCK


@dataclass(frozen=True)
class _Order:
    """What is to be written, and where."""

    truth: Truth
    out: Path
    subjects: int
    seed: int
    analysis: str


def simulated(
    preset: str,
    out: Path,
    subjects: int,
    seed: int,
    *,
    messy: bool = False,
    form: Form | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Write a simulated study and return the study file.

    The folder appears when it is complete. Beside the records stand `truth.csv` (the true values, in the shape of the
    estimates) and `latent.csv` (what no record holds: each subject's class, chance and true course). More subjects than
    fit in memory at once are written in blocks, as Parquet, with the latent table in a folder of its own.

    Args:
        preset: A name in `synthetic_data.PRESETS`.
        out: The folder to make.
        subjects: How many.
        seed: The same seed gives the same study.
        messy: Whether to write records as they arrive, with faults; `blemishes.csv` logs each of them.
        form: "csv", "parquet" or "xpt"; None is CSV, mixed forms for messy records, and Parquet for blocks.
        say: Called with a line of progress.

    Raises:
        CohortError: No such preset, a number of subjects below 1, a folder that holds something, or a form in which
            that many subjects are not written.
    """
    if preset not in synthetic_data.PRESETS:
        raise CohortError(f"no preset is called {preset!r}; there are {some(synthetic_data.PRESETS, 20)}")
    truth = synthetic_data.PRESETS[preset]
    analysis = files("analyses.plan").joinpath(f"simulated_{preset}.toml").read_text(encoding="utf-8")
    if subjects > BLOCK:
        _require_blocks(subjects, form, messy)
    require_new(out)
    with finished_folder(out) as place:
        order = _Order(truth, place, subjects, seed, analysis)
        path = _in_blocks(order, say) if subjects > BLOCK else _whole(order, messy, form)
        say("true values")
        truth.estimates().write_csv(place / "truth.csv")
    return out / path.name


def _require_blocks(subjects: int, form: Form | None, messy: bool) -> None:
    if messy or form not in (None, "parquet"):
        raise CohortError(
            f"{subjects} subjects are written in blocks of {BLOCK}, as Parquet and without faults; ask for {BLOCK} "
            "subjects or fewer, or leave out --messy and --form"
        )


def _whole(order: _Order, messy: bool, form: Form | None) -> Path:
    study, latent = synthetic_data.simulate_with_latent(order.truth, subjects=order.subjects, seed=order.seed)
    if messy:
        synthetic_data.write_messy(study, order.out, seed=order.seed, analysis=order.analysis, form=form or "mixed")
        path = order.out / "study.toml"
    else:
        path = cohort.write(study, order.out, analysis=order.analysis, form=form or "csv")
    latent.write_csv(order.out / "latent.csv")
    return path


def _in_blocks(order: _Order, say: Callable[[str], None]) -> Path:
    blocks, total = order.out / "latent", -(-order.subjects // BLOCK)

    def studies() -> Iterator[cohort.Study]:
        """Yield the blocks, and keep what is latent of each once it was written."""
        for number, study, latent in synthetic_data.simulate_blocks(
            order.truth, subjects=order.subjects, seed=order.seed
        ):
            yield study
            blocks.mkdir(exist_ok=True)
            latent.write_parquet(blocks / f"block_{number:05}.parquet")
            say(f"block {number + 1} of {total} written")

    return cohort.write_blocks(studies(), order.out, analysis=order.analysis)
