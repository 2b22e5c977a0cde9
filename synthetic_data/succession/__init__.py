"""Successive treatments: chances, frailty, dependence on failures, exits."""
