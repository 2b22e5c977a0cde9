"""Plain arrays in, estimates out: no estimator knows which disease it serves."""
