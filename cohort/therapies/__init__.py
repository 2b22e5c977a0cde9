"""Doses of therapies that are no drugs, and what brain levels do: each formula for a number or for a column.

Every function takes plain numbers or polars expressions, so that one formula serves an order on paper and a table.
Units are in the names.
"""
