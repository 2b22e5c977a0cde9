"""Diminishing returns: what one more treatment is worth, and why it is worth less."""
