"""Estimators of times held against numbers printed by R, SAS and papers.

A file here names its folder (`FOLDER`) and holds `CHECKS`: "block.statistic" -> a function without arguments that
returns our numbers in the printed order. `REASONS` says, for a statistic that agrees to less than 1e-6, why. All files
are found by `registry`, which feeds the tests and docs/validation.md, and which knows what must be covered.
"""
