"""study.toml -> what to run -> a finished folder; the command line."""
