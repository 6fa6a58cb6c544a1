"""The agent: retrieves from the graph, drafts, checks, reflects, improves, within a budget."""
