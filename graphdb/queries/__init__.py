"""Questions to a graph, one module each: pure functions of a reader that answer in domain types."""
