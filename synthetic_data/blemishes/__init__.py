"""Records as they arrive: faults put into a sound study, each logged."""
