"""The widgets, one a file, named for what they show."""
