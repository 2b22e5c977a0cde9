"""How fast the package is, as a ratio to what one would write without it, measured in the same run."""
