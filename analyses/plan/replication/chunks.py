"""Chunks of replicates, made by one or several workers and put together in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from time import monotonic

import polars as pl

from analyses.plan.replication.folder import Kept
from analyses.plan.replication.tasks import Task, must_reach_other_processes
from cohort.errors import CohortError

Span = tuple[int, int]
Say = Callable[[str], None]
_SECONDS_BETWEEN_LINES = 0.5


def replicates_of(task: Task, n: int, workers: int, kept: Kept | None, say: Say) -> pl.DataFrame:
    """Return REPLICATES 0 to `n` - 1 in their order; the number of workers changes nothing in them.

    Args:
        task: What makes them.
        n: How many.
        workers: How many threads or processes; 1 works in this one.
        kept: Where finished chunks are kept and looked for; None to keep none.
        say: Is told how far it is.

    Raises:
        CohortError: The task cannot be handed to other processes, or one of them died.
    """
    spans = [(first, min(first + task.size, n)) for first in range(0, n, task.size)]
    done = {span: kept.read(*span) for span in spans if kept and kept.holds(*span)}
    missing = [span for span in spans if span not in done]
    told = _Told(say, n, there=n - sum(last - first for first, last in missing))
    for span, rows in _made(task, missing, workers):
        if kept:
            kept.write(*span, rows)
        done[span] = rows
        told.more(span)
    told.end()
    return pl.concat([done[span] for span in spans])


def _made(task: Task, spans: list[Span], workers: int) -> Iterator[tuple[Span, pl.DataFrame]]:
    if workers == 1 or len(spans) < 2:
        yield from ((span, task.rows(*span)) for span in spans)
        return
    pool = _pool(task, min(workers, len(spans)))
    try:
        futures = {pool.submit(task.rows, *span): span for span in spans}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except BrokenProcessPool as error:
        raise CohortError(
            "a worker process ended before its work. A script that starts workers must do so under "
            '`if __name__ == "__main__":`; otherwise memory may have run out: pass workers=1'
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(task: Task, workers: int) -> Executor:
    if task.threads:
        return ThreadPoolExecutor(workers)
    must_reach_other_processes(task)
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent)


def end_with_parent() -> None:
    """Let this worker process end with the one that started it; after a kill it would wait for work for ever."""
    Thread(target=_await_parent, daemon=True).start()


def _await_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Told:
    """Says now and then how many replicates there are, how fast they come, and how long the rest will take."""

    def __init__(self, say: Say, n: int, there: int) -> None:
        self.say, self.n, self.there, self.made = say, n, there, 0
        self.began = self.last = monotonic()

    def more(self, span: Span) -> None:
        """Count a finished chunk, and say so if the last line is old enough."""
        self.made += span[1] - span[0]
        now = monotonic()
        if now - self.last >= _SECONDS_BETWEEN_LINES:
            self.last = now
            self.say(progress_line(self.there + self.made, self.n, self.made / (now - self.began)))

    def end(self) -> None:
        """Say that there is no more to say."""
        self.say("")


def progress_line(done: int, n: int, rate: float) -> str:
    """Return how far a run is.

    >>> progress_line(1500, 10000, 50.0)
    '1,500 of 10,000 replicates, 50 a second, 2 min 50 s left'
    """
    minutes, seconds = divmod(round((n - done) / rate), 60)
    left = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return f"{done:,} of {n:,} replicates, {rate:,.{0 if rate >= 10 else 1}f} a second, {left} left"
