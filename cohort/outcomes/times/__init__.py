"""Outcomes -> EVENTS: one clock a file."""
