"""Benchmark suites that measure the product and print what they measured in that very run."""
