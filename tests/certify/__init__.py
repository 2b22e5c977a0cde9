"""Every estimator against its truth: bias, standard errors, coverage and type I errors, with a verdict on each."""
