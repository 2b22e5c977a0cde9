"""Drugs and other therapies: doses, classes, mechanisms, suitability, half-lives; tables, each row with its source."""
