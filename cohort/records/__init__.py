"""The only reader and writer of study data."""
