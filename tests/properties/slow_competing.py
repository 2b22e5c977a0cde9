"""Competing risks by their definitions, subject by subject in fractions or loops: what the fast code must equal.

Rows are (entry, time, cause); a cause is None where the time is censored.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np


def _at_risk(row, day):
    entry, time, _ = row
    return (entry < day or entry == 0) and day <= time


def _days(rows):
    return sorted({time for _, time, _ in rows})


def _counts(rows, day, cause):
    here = [row for row in rows if _at_risk(row, day)]
    ended = [row for row in here if row[1] == day and row[2] is not None]
    return len(here), len(ended), sum(row[2] == cause for row in ended)


def incidence(rows, cause, until):
    """Return F(until) of the cause."""
    free, found = Fraction(1), Fraction(0)
    for day in _days(rows):
        n, d, own = _counts(rows, day, cause)
        if day <= until and d:
            found += free * Fraction(own, n)
            free *= 1 - Fraction(d, n)
    return found


def influences(rows, cause, until):
    """Return the derivative of F(until) by the weight of each row."""
    return [_influence(rows, cause, until, row) for row in rows]


def _influence(rows, cause, until, row):
    free, moved, found = Fraction(1), Fraction(0), Fraction(0)
    for day in _days(rows):
        n, d, own = _counts(rows, day, cause)
        if day > until or not n:
            continue
        here = int(_at_risk(row, day))
        ended = int(here and row[1] == day and row[2] is not None)
        of_cause = int(ended and row[2] == cause)
        by_any, by_cause = Fraction(ended * n - d * here, n * n), Fraction(of_cause * n - own * here, n * n)
        found += moved * Fraction(own, n) + free * by_cause
        moved, free = moved * (1 - Fraction(d, n)) - free * by_any, free * (1 - Fraction(d, n))
    return found


def aalen_variance(rows, cause, until):
    """Return Aalen's variance of F(until), with a hypergeometric factor for each cause."""
    free, total, last = Fraction(1), Fraction(0), incidence(rows, cause, until)
    for day in _days(rows):
        n, d, own = _counts(rows, day, cause)
        if day > until or not d:
            continue
        after = free * (1 - Fraction(d, n))
        later = (last - incidence(rows, cause, day)) / after if after else Fraction(0)
        for count, felt in ((own, 1 - later), (d - own, later if after else Fraction(0))):
            tied = 1 - Fraction(count - 1, n - 1) if count > 1 else Fraction(1)
            total += (free / n) ** 2 * count * tied * felt**2
        free = after
    return total


class SlowFineGray:
    """The weighted partial likelihood with one row a subject, by its definition (Breslow's ties)."""

    def __init__(self, time, kind, z, *, after_events=False):
        self.time, self.kind, self.z = np.asarray(time, float), np.asarray(kind), np.asarray(z, float)
        self.after_events = after_events
        self.n = len(self.time)
        self.days = sorted(set(self.time[self.kind == 1]))

    def under_observation(self, before):
        chance = 1.0
        for u in sorted(set(self.time[(self.kind == 0) & (self.time < before)])):
            chance *= 1 - sum((self.time == u) & (self.kind == 0)) / self.at_risk(u)
        return chance

    def at_risk(self, u):
        gone = (self.time == u) & (self.kind > 0) if self.after_events else np.zeros(self.n, bool)
        return sum((self.time >= u) & ~gone)

    def weight(self, i, s):
        if self.time[i] >= s:
            return 1.0
        if self.kind[i] != 2:
            return 0.0
        return self.under_observation(s) / self.under_observation(self.time[i])

    def sets(self, beta):
        """Return each day's events, and its sum and mean over the weighted risk set."""
        found = {}
        for s in self.days:
            hazard = np.array([self.weight(i, s) * np.exp(self.z[i] @ beta) for i in range(self.n)])
            dying = (self.time == s) & (self.kind == 1)
            found[s] = dying.sum(), hazard.sum(), hazard @ self.z / hazard.sum()
        return found

    def log_likelihood(self, beta):
        own = sum(self.z[self.kind == 1] @ beta)
        return own - sum(d * np.log(total) for d, total, _ in self.sets(beta).values())

    def scores(self, beta):
        """Return each subject's eta and psi of Fine and Gray."""
        sets, size = self.sets(beta), self.z.shape[1]
        eta, psi = np.zeros((self.n, size)), np.zeros((self.n, size))
        part = {}
        for i in range(self.n):
            for s, (d, total, mean) in sets.items():
                hazard = self.weight(i, s) * np.exp(self.z[i] @ beta) * d / total
                part[i, s] = (self.z[i] - mean) * hazard
                eta[i] += (self.z[i] - mean) * (self.time[i] == s and self.kind[i] == 1) - part[i, s]
        for u in sorted(set(self.time[self.kind == 0])):
            had = [i for i in range(self.n) if self.kind[i] == 2 and self.time[i] < u]
            q = sum((part[i, s] for i in had for s in sets if s >= u), np.zeros(size))
            share = sum((self.time == u) & (self.kind == 0)) / self.at_risk(u)
            for i in range(self.n):
                moved = (self.time[i] == u and self.kind[i] == 0) - (self.time[i] >= u) * share
                psi[i] += q / self.at_risk(u) * moved
        return eta, psi

    def hazard_scores(self, beta, until):
        """Return what each subject moves the cumulative hazard until a day by: itself, and through the weights."""
        sets = {s: values for s, values in self.sets(beta).items() if s <= until}
        own, through, part = np.zeros(self.n), np.zeros(self.n), {}
        for i in range(self.n):
            for s, (d, total, _) in sets.items():
                part[i, s] = self.weight(i, s) * np.exp(self.z[i] @ beta) * d / total**2
                own[i] += (self.time[i] == s and self.kind[i] == 1) / total - part[i, s]
        for u in sorted(set(self.time[self.kind == 0])):
            had = [i for i in range(self.n) if self.kind[i] == 2 and self.time[i] < u]
            q = sum(part[i, s] for i in had for s in sets if s >= u)
            share = sum((self.time == u) & (self.kind == 0)) / self.at_risk(u)
            for i in range(self.n):
                moved = (self.time[i] == u and self.kind[i] == 0) - (self.time[i] >= u) * share
                through[i] += q / self.at_risk(u) * moved
        return own, through
