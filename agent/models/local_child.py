"""Serves a GGUF file over HTTP on a port of this machine, for the process that started it.

It is run as a file and imports nothing of ours. One line of JSON on standard input tells what to
serve, one on standard output tells where; when standard input ends, so does this.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from importlib import import_module


def main() -> None:
    """Serve until standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the engine prints must not come between
    order = json.loads(sys.stdin.readline())
    # Also while the model loads: a parent that was killed meanwhile wants no server.
    threading.Thread(target=_end_with_input, daemon=True).start()
    # Threads that wait by spinning make a reply take twenty times as long on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        engine = import_module("xllamacpp")
        params = engine.CommonParams()
        params.model.path = order["path"]
        params.model_alias = {order["name"]}
        params.n_ctx = order["context_tokens"]
        params.api_keys = [order["key"]]
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.ui = False
        params.endpoint_slots = False
        params.verbosity = 1
        server = engine.Server(params)
        told = {"address": server.listening_address}
    except Exception as error:  # noqa: BLE001 - whatever the engine raises is told
        told = {"error": str(error)}
    print(json.dumps(told), file=out, flush=True)
    if "address" in told:
        threading.Event().wait()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
