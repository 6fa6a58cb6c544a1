"""The language server: the graph in every editor, whatever language a file is written in."""
