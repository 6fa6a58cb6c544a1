"""The graph: its vocabulary, its stores and the queries; knows nothing of source code."""
