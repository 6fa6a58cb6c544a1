"""Benchmarks that judge written code: the gate of their tasks, generation with a model, scores."""
