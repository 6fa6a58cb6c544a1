"""Where code that a model wrote runs: a copy of the repository, with limits, and nothing else."""
