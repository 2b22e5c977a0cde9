"""An analysis that does something else is another analysis; the same one is the same in another process."""

import subprocess
import sys
from functools import partial

import pytest

from analyses.plan.replication.identity import identity
from analyses.plan.replication.remission_log_rank import RemissionLogRank

BOUND = 7


class Asked:
    def __init__(self, visit):
        self.visit = visit

    def __call__(self, study):
        return self.visit

    def other(self, study):
        return self.visit


def reads_a_constant(study):
    return BOUND


def calls_one_that_reads(study):
    return reads_a_constant(study)


def around(visit):
    return lambda study: visit


def redefined(text):
    names = {}
    exec(text, names)
    return names["f"]


TWO = (lambda study: 1), (lambda study: 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Asked("week 6"), Asked("week 1")),
        (Asked("week 6").other, Asked("week 1").other),
        (Asked("week 6").other, Asked("week 6").__call__),
        (around("week 6"), around("week 1")),
        (partial(around, "week 6"), partial(around, "week 1")),
        (redefined("def f(study): return 1"), redefined("def f(study): return 2")),
        (redefined("K = 1\ndef f(study): return K"), redefined("K = 2\ndef f(study): return K")),
        (redefined("def f(study, k=1): return k"), redefined("def f(study, k=2): return k")),
        (RemissionLogRank(7), RemissionLogRank(10)),
        TWO,
        (reads_a_constant, calls_one_that_reads),
    ],
)
def test_other_analyses_have_other_identities(one, other):
    assert identity(one) != identity(other)


@pytest.mark.parametrize("analysis", [reads_a_constant, calls_one_that_reads])
def test_a_changed_global_makes_another_analysis(analysis, monkeypatch):
    before = identity(analysis)
    monkeypatch.setattr(sys.modules[__name__], "BOUND", 8)
    assert identity(analysis) != before


@pytest.mark.parametrize("make", [lambda: Asked("week 6"), lambda: around("x"), RemissionLogRank])
def test_the_same_analysis_made_again_is_the_same(make):
    assert identity(make()) == identity(make())


def test_identities_are_the_same_in_another_process():
    code = (
        "from tests.plan.test_replicate_identity import *\n"
        "for one in (Asked('a'), calls_one_that_reads, RemissionLogRank(), {'b', 'a'}): print(identity(one))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert "0x" not in said[0].replace("'0x", "")
