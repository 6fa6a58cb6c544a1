"""What a language model would write: shown, and disabled with the reason while there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp.server import GraphServer

NO_MODEL = "no language model is set up"
_ACTIONS = (
    ("Generate class", types.CodeActionKind.RefactorRewrite),
    ("Generate tests", types.CodeActionKind.RefactorRewrite),
    ("Write docstring", types.CodeActionKind.RefactorRewrite),
    ("Explain", types.CodeActionKind.Empty),
)


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.RefactorRewrite])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        """Disabled actions go only to editors that show them as such."""
        document = server.client_capabilities.text_document
        support = document.code_action if document else None
        if not (support and support.disabled_support):
            return []
        disabled = types.CodeActionDisabled(NO_MODEL)
        only = params.context.only
        return [
            types.CodeAction(f"codexgraph: {title}", kind, disabled=disabled)
            for title, kind in _ACTIONS
            if only is None or kind in only
        ]
