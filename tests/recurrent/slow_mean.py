"""The mean cumulative function and its robust variance by their definitions, in fractions, subject by subject."""

from fractions import Fraction


def at_risk(history, day):
    """A history is a list of (entry, time, outcome); who is there from the start is at risk on day 0."""
    return any((entry < day or (day == 0 and entry == 0)) and day <= time for entry, time, _ in history)


def ends(history, day, outcome):
    return sum(time == day and how == outcome for _, time, how in history)


def mean(histories, day, weights=None):
    """Return the estimate with each subject weighted: sum of S(t-) d/n."""
    weights = weights or [Fraction(1)] * len(histories)
    total, survival = Fraction(0), Fraction(1)
    for t in sorted({time for history in histories for _, time, how in history if how and time <= day}):
        n = sum(w for w, h in zip(weights, histories, strict=True) if at_risk(h, t))
        events, deaths = (sum(w * ends(h, t, kind) for w, h in zip(weights, histories, strict=True)) for kind in (1, 2))
        total += survival * Fraction(events) / n
        survival *= 1 - Fraction(deaths) / n
    return total


def variance(histories, day):
    """Return the sum of squares of the estimate's derivatives by the subjects' weights."""
    days = sorted({time for history in histories for _, time, how in history if how and time <= day})
    last = mean(histories, day)
    survival = Fraction(1)
    influence = [Fraction(0)] * len(histories)
    for t in days:
        there = [at_risk(h, t) for h in histories]
        n = sum(there)
        events, deaths = (sum(ends(h, t, kind) for h in histories) for kind in (1, 2))
        so_far = mean(histories, t)
        for i, h in enumerate(histories):
            influence[i] += survival * (ends(h, t, 1) - there[i] * Fraction(events, n)) / n
            if deaths < n:
                influence[i] -= (last - so_far) * (ends(h, t, 2) - there[i] * Fraction(deaths, n)) / (n - deaths)
        survival *= 1 - Fraction(deaths, n)
    return sum(each**2 for each in influence)
