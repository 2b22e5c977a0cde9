"""Simulated studies beside the published figures that they were calibrated to."""
