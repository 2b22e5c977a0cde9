"""Hazards, times and rates explained by covariates."""
