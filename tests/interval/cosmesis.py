"""Months to cosmetic deterioration of the breast: Finkelstein DM, Wolfe RA. Biometrics 1985;41:933-45."""

RAD = (
    "0-5 0-7 0-8 4-11 5-11 5-12 6-10 7-14 7-16 11-15 11-18 15- 17- 17-25 17-25 18- 19-26 19-35 22- 24- 24- 25-37 "
    "26-40 27-34 32- 33- 34- 36- 36- 36-44 36-48 37- 37- 37- 37-44 38- 40- 45- 46- 46- 46- 46- 46- 46- 46- 46-"
)
CHEMOTHERAPY = (
    "0-5 0-22 4-8 4-9 5-8 8-12 8-21 10-17 10-35 11- 11- 11-13 11-17 11-20 12-20 13- 13- 13- 13-39 14-17 14-19 "
    "15-22 16-20 16-24 16-24 16-60 17-23 17-26 17-27 18-24 18-25 19-32 21- 22-32 23- 24-30 24-31 30-34 30-36 31- "
    "32- 33-40 34- 34- 35- 35-39 44-48 48-"
)


def rows(text, arm):
    """Return (left, right, arm); "46-" is right-censored at 46."""
    pairs = [entry.split("-") for entry in text.split()]
    return [(float(left), float(right) if right else None, arm) for left, right in pairs]


BOTH = rows(RAD, "A") + rows(CHEMOTHERAPY, "B")
