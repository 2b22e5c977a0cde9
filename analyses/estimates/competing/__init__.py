"""Causes that compete: cumulative incidence, its tests and its regression."""
