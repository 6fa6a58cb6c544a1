"""Facts about Flask's own repository, each found by hand in its source.

Set CODEXGRAPH_TEST_FLASK to a checkout of pallets/flask (3.1 or the commits soon after) to run it.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from graphdb.schema import EdgeKind, NodeKind, Tier
from tests.indexer.python.linked import Linked

pytestmark = pytest.mark.realrepo

FOLDER = os.environ.get("CODEXGRAPH_TEST_FLASK")
Pairs = set[tuple[str, str]]


@pytest.fixture(scope="module")
def flask(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    if FOLDER is None:
        pytest.skip("set CODEXGRAPH_TEST_FLASK to a checkout of pallets/flask to run this")
    root = Path(FOLDER)
    files = {str(p.relative_to(root)): p.read_text("utf-8") for p in sorted(root.rglob("*.py"))}
    return Linked(files, tmp_path_factory.mktemp("flask"))


def _sources(flask: Linked, kind: EdgeKind, target: str, under: str = "src/") -> set[str]:
    return {
        flask.name(edge.key.source)
        for path, edges in flask.edges.items()
        for edge in edges
        if path.startswith(under)
        and edge.key.kind == kind
        and flask.name(edge.key.target) == target
    }


def _derived(flask: Linked, base: str) -> set[str]:
    found: set[str] = set()
    waiting = [base]
    while waiting:
        for name in _sources(flask, EdgeKind.INHERITS, waiting.pop()) - found:
            found.add(name)
            waiting.append(name)
    return {name for name in found if not name.startswith("flask.globals.")}


def test_super_calls_make_no_loop_and_sources_call_no_test(flask: Linked) -> None:
    loops: set[str] = set()
    for path, edges in flask.edges.items():
        for edge in edges if path.startswith("src/") else []:
            if edge.key.kind != EdgeKind.CALLS:
                continue
            sure = edge.properties["tier"] != Tier.CANDIDATE
            if sure and edge.key.source == edge.key.target:
                loops.add(flask.name(edge.key.source))
            if edge.key.target_kind != NodeKind.EXTERNAL:
                assert edge.key.target.startswith("python:src/")
    assert loops == {
        "flask.helpers._split_blueprint_path",
        "flask.json.tag.TaggedJSONSerializer._untag_scan",
        "flask.sansio.blueprints.Blueprint.register",
    }, "these three are recursive; nothing else is"


def test_every_file_that_creates_flask_through_the_re_export_is_found(flask: Linked) -> None:
    found = {
        path
        for path, edges in flask.edges.items()
        for edge in edges
        if edge.key.kind == EdgeKind.INSTANTIATES
        and flask.name(edge.key.target) == "flask.app.Flask"
    }
    written = {path for path, text in flask.files.items() if _creates_flask(text)}
    assert len(written) > 25
    assert found == written


def _creates_flask(text: str) -> bool:
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return any(ast.unparse(call) in {"Flask", "flask.Flask"} for call in calls)


@pytest.mark.parametrize(
    ("target", "callers"),
    [
        (
            "flask.helpers.get_debug_flag",
            "flask.app.Flask.run flask.cli.ScriptInfo.load_app flask.cli.run_command"
            " flask.sansio.app.App.make_config",
        ),
        ("flask.app.Flask.url_for", "flask.helpers.url_for"),
        (
            "flask.cli.ScriptInfo.load_app",
            "flask.cli.FlaskGroup.get_command flask.cli.FlaskGroup.list_commands"
            " flask.cli.run_command flask.cli.with_appcontext.decorator",
        ),
        (
            "flask.json.provider.JSONProvider.dumps",
            "flask.json.dumps flask.json.provider.JSONProvider.dump"
            " flask.json.provider.JSONProvider.response flask.testing.EnvironBuilder.json_dumps",
        ),
        (
            "flask.app.Flask.ensure_sync",
            "flask.app.Flask.dispatch_request flask.app.Flask.do_teardown_appcontext"
            " flask.app.Flask.do_teardown_request flask.app.Flask.handle_exception"
            " flask.app.Flask.handle_http_exception flask.app.Flask.handle_user_exception"
            " flask.app.Flask.preprocess_request flask.app.Flask.process_response"
            " flask.app.Flask.update_template_context"
            " flask.ctx.copy_current_request_context.wrapper"
            " flask.views.MethodView.dispatch_request flask.views.View.as_view.view",
        ),
    ],
)
def test_callers(flask: Linked, target: str, callers: str) -> None:
    assert _sources(flask, EdgeKind.CALLS, target) == set(callers.split())


def test_open_session_is_called_through_an_annotated_attribute(flask: Linked) -> None:
    callers = _sources(flask, EdgeKind.CALLS, "flask.sessions.SessionInterface.open_session")
    assert len(callers) == 2
    assert "flask.testing.FlaskClient.session_transaction" in callers


def test_what_wsgi_app_calls(flask: Linked) -> None:
    called = {
        flask.name(edge.key.target).rpartition(".")[2]
        for edge in flask.edges["src/flask/app.py"]
        if edge.key.kind == EdgeKind.CALLS
        and flask.name(edge.key.source) == "flask.app.Flask.wsgi_app"
        and edge.key.target_kind != NodeKind.EXTERNAL
    }
    wanted = {"request_context", "push", "full_dispatch_request", "handle_exception", "pop"}
    assert called - {"should_ignore_error"} == wanted


def test_who_creates_script_info(flask: Linked) -> None:
    assert _sources(flask, EdgeKind.INSTANTIATES, "flask.cli.ScriptInfo") == {
        "flask.cli.FlaskGroup.make_context",
        "flask.testing.FlaskCliRunner.invoke",
    }


def test_hierarchies(flask: Linked) -> None:
    assert _derived(flask, "flask.sansio.scaffold.Scaffold") == {
        "flask.app.Flask",
        "flask.sansio.app.App",
        "flask.blueprints.Blueprint",
        "flask.sansio.blueprints.Blueprint",
    }
    assert len(_derived(flask, "flask.json.tag.JSONTag")) == 8
    assert _derived(flask, "flask.sessions.SessionMixin") == {
        "flask.sessions.NullSession",
        "flask.sessions.SecureCookieSession",
    }
    checked = "flask.sansio.scaffold.Scaffold._check_setup_finished"
    assert _sources(flask, EdgeKind.OVERRIDES, checked) == {
        "flask.sansio.app.App._check_setup_finished",
        "flask.sansio.blueprints.Blueprint._check_setup_finished",
    }
