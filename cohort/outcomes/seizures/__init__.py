"""Questions that a seizure diary answers: rates, freedom, control, resistance, courses over years."""
