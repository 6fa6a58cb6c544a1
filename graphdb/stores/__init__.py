"""One module a store; the only place that imports a database driver."""
