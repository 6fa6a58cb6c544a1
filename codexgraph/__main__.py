"""`python -m codexgraph` is the `codexgraph` command."""

import sys

from codexgraph.cli import main

if __name__ == "__main__":
    sys.exit(main())
