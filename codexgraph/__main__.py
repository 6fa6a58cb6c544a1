"""The `codexgraph` command; `python -m codexgraph` is the same.

An editor waits for its language server: as editors start it, it does without the command line's
library, which takes as long to load as the rest of what is needed for a first answer.
"""

import sys

_EDITORS_WAYS = (["lsp"], ["lsp", "--stdio"])


def main() -> int:
    """Run the command line; returns the exit code."""
    if sys.argv[1:] in _EDITORS_WAYS:
        return _serve_editor()
    from codexgraph import cli

    return cli.main()


def _serve_editor() -> int:
    from codexgraph.serving import run_lsp

    try:
        return run_lsp(verbose=False, tcp=None, ws=None)
    except BaseException as error:  # noqa: BLE001 - the last border, as in cli.main
        from codexgraph import cli

        return cli.exit_code_of(error, {})


if __name__ == "__main__":
    sys.exit(main())
