"""Seizure diaries: how often, how unevenly, in clusters and cycles, and what of it is written down."""
