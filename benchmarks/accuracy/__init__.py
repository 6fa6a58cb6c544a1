"""How right the graph's edges are, against truths that others made or that a run observed."""

DATA_VARIABLE = "CODEXGRAPH_BENCH_DATA"
"""Names the folder of the data when `--data` does not."""

REPOS_VARIABLE = "CODEXGRAPH_BENCH_REPOS"
"""Names the folder of the repositories when `--repos` does not."""
