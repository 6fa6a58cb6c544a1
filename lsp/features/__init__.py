"""What the server answers, one module a feature; each has `register(server)`."""
