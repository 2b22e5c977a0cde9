"""A simulated study as a folder that `refractory run` takes, with the analysis that suits its preset."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cohort
import synthetic_data
from cohort.errors import CohortError, some


def simulated(preset: str, out: Path, subjects: int, seed: int) -> Path:
    """Write a simulated study and return the study file.

    Beside the records stand `truth.csv` (the true values, in the shape of the estimates) and `latent.csv` (each
    subject's own).

    Args:
        preset: A name in `synthetic_data.PRESETS`.
        out: The folder to make.
        subjects: How many.
        seed: The same seed gives the same study.

    Raises:
        CohortError: No such preset, a number of subjects below 1, or a folder that holds something.
    """
    if preset not in synthetic_data.PRESETS:
        raise CohortError(f"no preset is called {preset!r}; there are {some(synthetic_data.PRESETS, 20)}")
    truth = synthetic_data.PRESETS[preset]
    study, latent = synthetic_data.simulate_with_latent(truth, subjects=subjects, seed=seed)
    analysis = files("analyses.plan").joinpath(f"simulated_{preset}.toml").read_text(encoding="utf-8")
    path = cohort.write(study, out, analysis=analysis)
    truth.estimates().write_csv(out / "truth.csv")
    latent.write_csv(out / "latent.csv")
    return path
