"""The protocol as several editors speak it, by their own lists of capabilities.

The client library checks that what the server sends is allowed by what the client can do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003 - the plugin reads annotations
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from tests.lsp.conftest import COMMAND, where, write_repository

CLIENTS = ["neovim@v0.11", "neovim@v0.8", "emacs@v29.1", "visual-studio-code@v1.65"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_repository(tmp_path_factory.mktemp("clients") / "repo")


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND), params=CLIENTS)
async def editor(
    request: pytest.FixtureRequest, lsp_client: LanguageClient, repository: Path
) -> AsyncIterator[None]:
    folder = types.WorkspaceFolder(uri=repository.as_uri(), name="repo")
    result = await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities(request.param),
            workspace_folders=[folder],
            root_uri=repository.as_uri(),
        )
    )
    assert result.capabilities.definition_provider
    assert result.capabilities.inline_completion_provider is None, "there is no model"
    assert result.capabilities.rename_provider is None
    await lsp_client.protocol.send_request_async("codexgraph/status", {"wait": True})
    text = (repository / "pkg/child.py").read_text()
    uri = (repository / "pkg/child.py").as_uri()
    lsp_client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text))
    )
    yield
    await lsp_client.shutdown_session()


def position(repository: Path, client: LanguageClient, text: str) -> types.Position:
    """Where a text stands, in the units that this client and the server agreed on."""
    file = repository / "pkg/child.py"
    line, column = where(file, text)
    before = file.read_bytes().split(b"\n")[line][:column].decode()
    sizes = {"utf-8": len(before.encode()), "utf-32": len(before)}
    utf16 = len(before.encode("utf-16-le")) // 2
    return types.Position(line, sizes.get(str(encoding(client)), utf16))


def encoding(client: LanguageClient) -> str:
    chosen = client.capabilities
    offered = chosen.general.position_encodings if chosen and chosen.general else None
    first = offered[0] if offered else types.PositionEncodingKind.Utf16
    return first.value if isinstance(first, types.PositionEncodingKind) else str(first)


@pytest.mark.asyncio
async def test_every_client_jumps_from_behind_wide_characters(
    editor: LanguageClient, repository: Path
) -> None:
    at = position(repository, editor, 'h("x")')
    document = types.TextDocumentIdentifier((repository / "pkg/child.py").as_uri())
    found = await editor.text_document_definition_async(types.DefinitionParams(document, at))
    assert isinstance(found, list)
    files = [Path(place.uri).name for place in found if isinstance(place, types.Location)]
    assert files == ["base.py"]
    params = types.ReferenceParams(types.ReferenceContext(False), document, at)
    uses = await editor.text_document_references_async(params)
    assert uses is not None
    here = [use.range.start for use in uses if use.uri == document.uri]
    assert at in here


@pytest.mark.asyncio
async def test_every_client_gets_symbols_in_the_form_that_it_knows(
    editor: LanguageClient, repository: Path
) -> None:
    document = types.TextDocumentIdentifier((repository / "pkg/child.py").as_uri())
    found = await editor.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    assert found is not None
    assert [row.name for row in found][:1] == ["Child"]


@pytest.mark.asyncio
async def test_actions_are_shown_as_disabled_where_a_client_can(
    editor: LanguageClient, repository: Path
) -> None:
    document = types.TextDocumentIdentifier((repository / "pkg/child.py").as_uri())
    start = types.Position(0, 0)
    found = await editor.text_document_code_action_async(
        types.CodeActionParams(
            document, types.Range(start, start), types.CodeActionContext(diagnostics=[])
        )
    )
    text = editor.capabilities.text_document if editor.capabilities else None
    can_show = bool(text and text.code_action and text.code_action.disabled_support)
    assert found is not None
    assert bool(found) == can_show
    for action in found:
        assert isinstance(action, types.CodeAction)
        assert action.disabled
        assert action.disabled.reason == "no language model is set up"
