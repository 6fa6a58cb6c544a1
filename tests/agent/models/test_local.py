"""A GGUF file served on this machine: what is refused before, and with a real small model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from agent.messages import Finish, Message, Request, Role, ToolSpec
from agent.models import open_model
from agent.models.llama_server import LlamaServer, Weights
from agent.models.local import LocalModel
from agent.models.settings import Kind, ModelSettings, Switch
from graphdb.errors import ModelRefusedError, ModelUnavailableError
from tests.agent.models.conftest import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
NO_EXTRA = """
import sys
sys.modules["xllamacpp"] = None
from pathlib import Path
from agent.models import open_model
from agent.models.settings import Kind, ModelSettings
open_model(ModelSettings(Kind.LOCAL, path=Path(sys.argv[1])))
"""
HOLD = """
import sys, time
from pathlib import Path
from agent.models.llama_server import LlamaServer, Weights
server = LlamaServer(Weights(Path(sys.argv[1]), "small", 256))
print(server.address, flush=True)
time.sleep(60)
"""


def refused(path: Path | None) -> str:
    with pytest.raises(ModelUnavailableError) as caught:
        open_model(ModelSettings(Kind.LOCAL, path=path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_model_is_one_line(tmp_path: Path) -> None:
    assert "set model.path to a GGUF file" in refused(None)
    missing = tmp_path / "none.gguf"
    assert refused(missing).startswith(f"{missing}: No such file")
    assert "Is a directory" in refused(tmp_path)
    text = tmp_path / "text.gguf"
    text.write_text("hello")
    assert refused(text) == f"{text}: not a GGUF file, which begins with GGUF"


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "empty.gguf"
    path.write_bytes(b"GGUF")
    done = subprocess.run(
        [sys.executable, "-c", NO_EXTRA, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install 'codexgraph[local]'" in done.stderr.splitlines()[-1]


def test_a_file_that_llama_cannot_load_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    path = tmp_path / "odd.gguf"
    path.write_bytes(b"GGUF" + bytes(range(256)) * 4)
    said = refused(path)
    assert said.startswith(f"{path}: llama.cpp cannot load it: ")
    assert "failed to load model" in said
    assert said.endswith("and is there memory for it and for model.context_tokens (8192)?")
    assert children() == []


def test_a_start_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    path = tmp_path / "odd.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(ModelUnavailableError, match="not loaded within 0 s"):
        LlamaServer(Weights(path, "odd", 256), seconds=0.0)
    assert children() == []


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "local_child" in " ".join(p.cmdline())]


@pytest.fixture(scope="module")
def small(gguf: Path) -> Iterator[LocalModel]:
    """The small model, with room for 1,024 tokens."""
    settings = ModelSettings(Kind.LOCAL, path=gguf, context_tokens=1_024)
    model = open_model(settings)
    assert isinstance(model, LocalModel)
    yield model
    model.close()
    assert children() == []


def patient(text: str, **members: object) -> Request:
    return ask(text, **({"timeout_s": 120.0, "max_tokens": 40} | members))


@pytest.mark.model
def test_a_plain_reply(small: LocalModel) -> None:
    came: list[str] = []
    reply = small.complete(patient("Say hello.", max_tokens=12), came.append)
    assert reply.text
    assert "".join(came) == reply.text
    assert reply.finish in (Finish.STOP, Finish.LENGTH)
    assert not reply.usage.counted
    assert 0 < reply.usage.completion_tokens <= 12


@pytest.mark.model
def test_the_same_question_has_the_same_reply(small: LocalModel) -> None:
    texts = {small.complete(patient("Name three animals.")).text for _ in range(2)}
    assert len(texts) == 1


@pytest.mark.model
def test_a_reply_held_to_a_schema(small: LocalModel) -> None:
    assert small.capabilities.schema
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "tool": {"enum": ["find_symbol", "callers"]},
            "name": {"type": "string", "maxLength": 20},
        },
        "required": ["tool", "name"],
        "additionalProperties": False,
    }
    reply = small.complete(patient("Who calls parse?", schema=schema, max_tokens=60))
    value = json.loads(reply.text)
    assert value["tool"] in ("find_symbol", "callers")
    assert isinstance(value["name"], str)


@pytest.mark.model
def test_tools_are_offered_only_where_the_model_has_them(small: LocalModel, gguf: Path) -> None:
    tool = ToolSpec("weather", "Tells the weather.", {"type": "object", "properties": {}})
    request = patient("What is the weather?", tools=(tool,), max_tokens=30)
    assert not small.capabilities.tools
    assert small.complete(request).calls == ()
    settings = ModelSettings(Kind.LOCAL, path=gguf, context_tokens=512, tools=Switch.YES)
    insisting = open_model(settings)
    try:
        assert insisting.capabilities.tools
        insisting.complete(request)
    finally:
        insisting.close()


@pytest.mark.model
def test_a_prompt_that_is_too_long_is_refused(small: LocalModel) -> None:
    with pytest.raises(ModelRefusedError, match="exceeds the available context size"):
        small.complete(patient("word " * 2_000))


@pytest.mark.model
def test_a_file_that_is_cut_is_one_line(gguf: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    with gguf.open("rb") as file:
        path.write_bytes(file.read(20_000_000))
    assert "not within the file bounds" in refused(path)


@pytest.mark.model
def test_the_window_is_known(small: LocalModel, gguf: Path) -> None:
    assert small.capabilities.context_tokens == 1_024
    # No more than the model was trained for, whatever is asked.
    settings = ModelSettings(Kind.LOCAL, path=gguf, context_tokens=20_000)
    large = open_model(settings)
    try:
        assert large.capabilities.context_tokens == 8_192
    finally:
        large.close()


@pytest.mark.model
def test_a_time_out_leaves_a_model_that_answers(small: LocalModel) -> None:
    long = Request((Message(Role.USER, "Tell a long story."),), 800, timeout_s=0.3)
    try:
        reply = small.complete(long)
    except ModelUnavailableError:
        pass  # not a word in time, on a slow machine
    else:
        assert reply.finish is Finish.CUT
    assert small.complete(patient("Say hello.", max_tokens=5)).text


@pytest.mark.model
def test_nobody_else_may_ask(small: LocalModel) -> None:
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    connection = HTTPConnection(urlsplit(small.server.address).netloc, timeout=10)
    body = json.dumps({"messages": [{"role": "user", "content": "hi"}]})
    connection.request("POST", "/v1/chat/completions", body)
    assert connection.getresponse().status == 401
    connection.close()


@pytest.mark.model
def test_a_crash_is_told(gguf: Path) -> None:
    model = open_model(ModelSettings(Kind.LOCAL, path=gguf, context_tokens=256, tries=1))
    (child,) = [p for p in children() if p.create_time() > time.time() - 60][-1:]
    child.kill()
    while child.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.005)
    with pytest.raises(ModelUnavailableError, match="has ended: signal 9, perhaps for want of mem"):
        model.complete(ask())
    model.close()
    model.close()


@pytest.mark.model
def test_the_server_ends_with_a_parent_that_is_killed(gguf: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(gguf)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith("http://127.0.0.1:")
    (server,) = psutil.Process(parent.pid).children()
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    server.wait(timeout=10)
    assert not server.is_running()
