"""Untreated epilepsy: a diary and nothing else."""
