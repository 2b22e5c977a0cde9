"""A finished folder, or none: written beside its place and put there in one step."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cohort.errors import RecordError, some

MARK = "manifest.json"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def finished_folder(place: Path) -> Iterator[Path]:
    """Yield a folder to write into; when the block ends well it takes `place`, and an earlier run's folder there goes.

    A process that is killed at any moment leaves at `place` a whole folder: the previous one, or the new one.

    Raises:
        RecordError: `place` is a file, or a folder with files that this command did not write.
    """
    _must_be_ours(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    _recover(place)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.{os.getpid()}.", dir=place.parent))
    beside.chmod(0o777 & ~_umask())
    try:
        yield beside
        _put(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _must_be_ours(place: Path) -> None:
    if place.is_symlink():
        raise RecordError(f"{place} is a link, which is not followed; name the folder itself with --out")
    if place.exists() and not place.is_dir():
        raise RecordError(f"{place} is not a folder; name another one with --out")
    if not place.exists():
        return
    foreign = sorted({path.name for path in place.iterdir()} - _written_by_us(place))
    if foreign:
        raise RecordError(
            f"{place} holds {len(foreign)} files that this command did not write: {some(foreign)}; "
            "nothing was touched. Name another folder with --out, or move them away"
        )


def _written_by_us(place: Path) -> set[str]:
    try:
        manifest = json.loads((place / MARK).read_text(encoding="utf-8"))
        return {MARK, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _recover(place: Path) -> None:
    """Remove what processes that no longer run left beside the place; put back a folder that one had moved away."""
    for left in place.parent.glob(f".{place.name}.*.*"):
        owner = left.name.removeprefix(f".{place.name}.").split(".")[0]
        if not owner.isdigit() or _runs(int(owner)):
            continue
        if left.suffix == ".previous" and not place.exists():
            left.rename(place)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _put(beside: Path, place: Path) -> None:
    if not place.exists():
        beside.rename(place)
    elif not _exchange(beside, place):
        previous = place.parent / f".{place.name}.{os.getpid()}.previous"
        place.rename(previous)
        beside.rename(place)
        shutil.rmtree(previous)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step of the file system; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
