"""Makers of truth: observed calls of a test suite, SCIP indexes, and what javac resolved."""
