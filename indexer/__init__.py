"""From source files to graph deltas; knows no store and no model."""
