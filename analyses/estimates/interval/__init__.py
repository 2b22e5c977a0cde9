"""Times known only to lie between two days."""
