"""A randomized antidepressant study rated with the HAM-D17."""
