"""codexgraph: index a repository into a graph and ask it.

The other folders (`graphdb`, `indexer`, ...) are top-level packages in the source tree. In the
wheel they lie under `codexgraph/_lib`, so that site-packages gains one name only; the lines below
put that folder first on the path, before the folder of the user's repository, which may hold an
`indexer` of its own.
"""

import os
import sys
from pathlib import Path

__version__ = "0.1.0"

_here = Path(__file__).resolve().parent
_lib = _here / "_lib"
sys.path.insert(0, str(_lib if _lib.is_dir() else _here.parent))

# The graph engine's allocator reads it when it is loaded. Huge pages are cleared whole before they
# are used, which makes opening a graph take up to twice as long and buys nothing later.
os.environ.setdefault("MIMALLOC_ALLOW_THP", "0")
