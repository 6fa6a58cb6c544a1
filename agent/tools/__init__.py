"""The tools that a model may run, one file each: thin skins over the query functions."""
