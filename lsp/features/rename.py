"""Renaming is refused with the reason: edges are sure, but a file that was left out has none.

It is not advertised, so that an editor asks a server that can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp.server import RequestFailedError

if TYPE_CHECKING:
    from lsp.server import GraphServer

REFUSAL = (
    "codexgraph does not rename: it knows the uses that it could resolve, and renaming needs all "
    "of them. Use the language's own server, and codexgraph's references to check"
)


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare(_: types.PrepareRenameParams) -> None:
        raise RequestFailedError(REFUSAL)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def rename(_: types.RenameParams) -> None:
        raise RequestFailedError(REFUSAL)
