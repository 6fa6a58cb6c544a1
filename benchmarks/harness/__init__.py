"""The benchmark harness: one runner, one folder of results, many suites."""
