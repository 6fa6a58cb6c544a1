"""What the graph alone can say for each job, without a model; always labelled as such."""
