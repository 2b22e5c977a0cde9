"""A truth simulated and analysed many times: what a method does in the long run."""
