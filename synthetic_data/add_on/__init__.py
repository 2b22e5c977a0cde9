"""A randomized add-on study of epilepsy."""
