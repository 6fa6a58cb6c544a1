"""What is said to a client's `initialize`, without the protocol library.

It is what the library finds from the registered features; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from pygls.uris import from_fs_path

from lsp.text import Encoding

_INCREMENTAL = 2
"""TextDocumentSyncKind.Incremental."""


def agreed_encoding(capabilities: dict[str, Any]) -> Encoding:
    """The unit of columns: the client's first choice that is known, else UTF-16."""
    general: dict[str, Any] = capabilities.get("general") or {}
    offered: list[Any] = general.get("positionEncodings") or []
    return next((Encoding(name) for name in offered if name in set(Encoding)), Encoding.UTF16)


def folder_uris(folders: list[str], root_uri: str | None, root_path: str | None) -> list[str]:
    """What a client opens, by the three fields of its `initialize` that may say so."""
    root = root_uri or (from_fs_path(root_path) if root_path else None)
    return folders or ([root] if root else [])


def server_capabilities(encoding: Encoding, *, has_author: bool) -> dict[str, Any]:
    """The server's capabilities as JSON. has_author: a language model is set."""
    found: dict[str, Any] = {
        "positionEncoding": encoding.value,
        "textDocumentSync": {"openClose": True, "change": _INCREMENTAL, "save": True},
        "completionProvider": {"triggerCharacters": ["."], "resolveProvider": True},
        "hoverProvider": True,
        "signatureHelpProvider": {"triggerCharacters": ["(", ","]},
        "declarationProvider": True,
        "definitionProvider": True,
        "typeDefinitionProvider": True,
        "implementationProvider": True,
        "referencesProvider": True,
        "documentHighlightProvider": True,
        "documentSymbolProvider": True,
        "codeActionProvider": {"codeActionKinds": ["refactor.rewrite"]},
        "codeLensProvider": {"resolveProvider": True},
        "workspaceSymbolProvider": {"resolveProvider": False},
        "foldingRangeProvider": True,
        "executeCommandProvider": {
            "commands": [
                "codexgraph.status",
                "codexgraph.index",
                "codexgraph.query",
                "codexgraph.showGraph",
                "codexgraph.references",
                "codexgraph.write",
            ]
        },
        "callHierarchyProvider": True,
        "typeHierarchyProvider": True,
        "diagnosticProvider": {
            "interFileDependencies": True,
            "workspaceDiagnostics": False,
            "identifier": "codexgraph",
        },
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": {},
        },
    }
    if has_author:
        found["inlineCompletionProvider"] = {}
    return found
