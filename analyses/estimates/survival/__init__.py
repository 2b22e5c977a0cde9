"""Right-censored times to one event: curves, restricted means, tests."""
