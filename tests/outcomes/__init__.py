"""Outcomes: by hand, against slow definitions, and by their properties."""
