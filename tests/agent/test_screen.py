"""What has no business in a draft is told; ordinary code and what was there before is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.draft import Edit
from agent.screen import Kind, Severity, screen

PYTHON = {
    "import shutil\nshutil.rmtree('/home/user')": (2, Kind.FILES),
    "from shutil import rmtree as clean\nclean('../../other')": (2, Kind.FILES),
    "import os\nos.remove('/etc/hosts')": (2, Kind.FILES),
    "open('/etc/cron.d/x', 'w')": (1, Kind.FILES),
    "open('~/.bashrc', mode='a')": (1, Kind.FILES),
    "from pathlib import Path\nPath('/usr/bin/x').write_text('')": (2, Kind.FILES),
    "from pathlib import Path\n(Path.home() / 'x').unlink()": (2, Kind.FILES),
    "import os\nos.unlink(os.path.expanduser('~/x'))": (2, Kind.FILES),
    "import socket\ns = socket.socket()": (2, Kind.NETWORK),
    "import requests as r\nr.get('x')": (2, Kind.NETWORK),
    "from urllib.request import urlopen\nurlopen('x')": (2, Kind.NETWORK),
    "import http.client\nhttp.client.HTTPConnection('x')": (2, Kind.NETWORK),
    "import os\nos.system('ls')": (2, Kind.PROCESS),
    "import os as o\nrun = o.system\nrun('ls')": (2, Kind.PROCESS),
    "__import__('os').system('ls')": (1, Kind.PROCESS),
    "import os\ngetattr(os, 'sys' + 'tem')('ls')": (2, Kind.PROCESS),
    "from subprocess import run\nrun(['ls'])": (2, Kind.PROCESS),
    "import os\nos.environ['OPENAI_API_KEY']": (2, Kind.SECRET),
    "import os\nos.getenv('GITHUB_TOKEN')": (2, Kind.SECRET),
    "from os import environ\nenviron.get('DB_PASSWORD')": (2, Kind.SECRET),
    "open('/home/me/.ssh/id_rsa').read()": (1, Kind.SECRET),
    "import keyring\nkeyring.get_password('a', 'b')": (2, Kind.SECRET),
    "x = '/proc/self/environ'": (1, Kind.SECRET),
    "text = input()\neval(text)": (2, Kind.DYNAMIC),
    "import builtins\nbuiltins.exec(compile(x, '', 'exec'))": (2, Kind.DYNAMIC),
    "command = 'rm -rf /'": (1, Kind.PROCESS),
    f"x = {' + '.join(['y'] * 3_000)}\nprint('a' + {' + '.join(['y'] * 3_000)})": (1, Kind.DYNAMIC),
}

JAVA = {
    "class A { void f() { Runtime.getRuntime().exec(x); } }": (1, Kind.PROCESS),
    "class A { void f() {\n \\u0052untime . getRuntime(); } }": (2, Kind.PROCESS),
    "class A {\n/* \\u002a/ Object o = new ProcessBuilder(); /* */ }": (2, Kind.PROCESS),
    "class A { Object o = new java.net.Socket(h, 1); }": (1, Kind.NETWORK),
    'class A { String s = "x";\n Object o = (HttpURLConnection) u.openConnection(); }': (
        2,
        Kind.NETWORK,
    ),
    'class A { void f() { Files.delete(Path.of("/etc/hosts")); } }': (1, Kind.FILES),
    'class A { void f() { new FileWriter("/root/x"); } }': (1, Kind.FILES),
    'class A { void f() { new File("../../x").delete(); } }': (1, Kind.FILES),
    'class A { String s = System.getenv("API_KEY"); }': (1, Kind.SECRET),
    'class A { String s =\n "/home/me/.ssh/id_rsa"; }': (2, Kind.SECRET),
    'class A { Object o = Class.forName("java.lang.Runtime"); }': (1, Kind.DYNAMIC),
}


@pytest.mark.parametrize("code", [*PYTHON, *JAVA])
def test_what_has_no_business_there_is_refused(code: str) -> None:
    line, kind = {**PYTHON, **JAVA}[code]
    path = "a.py" if code in PYTHON else "A.java"
    [found] = screen([Edit(path, None, code)])
    refused = [(f.line, f.kind) for f in found.findings if f.severity is Severity.REFUSE]
    assert (line, kind) in refused, found
    assert found.is_refused
    assert any(text.startswith(f"{path}:{line}: ") for text in found.lines())


WARNED = {
    "a.py": [
        "import ctypes",
        "import os\nx = os.environ.copy()",
        "import shutil\nshutil.rmtree(folder)",
        "eval('1 + 1')",
        "import importlib\nimportlib.import_module(name)",
        "import socket",
    ],
    "A.java": [
        "class A { void f() { Class.forName(x); } }",
        "class A { Object o = System.getenv(); }",
        "class A { void f() { Files.delete(path); } }",
        "class A { void f() { System.exit(1); } }",
    ],
}


@pytest.mark.parametrize(("path", "code"), [(p, code) for p in WARNED for code in WARNED[p]])
def test_what_may_be_right_is_told(path: str, code: str) -> None:
    [found] = screen([Edit(path, None, code)])
    assert found.findings
    assert not found.is_refused


ORDINARY = {
    "a.py": [
        "import os\nos.environ.get('HOME')\nos.path.join('a', 'b')",
        "open('data.txt', 'w').write('x')",
        "open('/etc/hosts').read()",
        "# os.system('x')\n'a text about eval and sockets'",
        "import re\nre.compile('x')\nevaluate = 1\nself.exec = 2",
        "def broken(:",
        "open('/tmp/x', 'w')",
        "'hello'.replace('/a', '/b')",
        "class A:\n    def remove(self): self.items.remove('/x')",
    ],
    "A.java": [
        '// Runtime.getRuntime()\nclass A { String s = "new Socket()"; /* ProcessBuilder */ }',
        'class A { Object o = new File("/data/x"); }',
        'class A { String s = """\n Runtime.getRuntime() " """; char c = \'"\'; }',
        "class A { int mySocketCount; Object Runtimes; }",
        'class A { void f() { Files.writeString(Path.of("out/x"), "y"); } }',
        'class A { String s = "\\\\u0052"; }',
        "class A { /* never closed",
    ],
}


@pytest.mark.parametrize(("path", "code"), [(p, code) for p in ORDINARY for code in ORDINARY[p]])
def test_ordinary_code_has_no_findings(path: str, code: str) -> None:
    [found] = screen([Edit(path, None, code)])
    assert found.findings == ()
    assert found.is_screened


def test_what_was_there_before_is_not_charged() -> None:
    before = "import requests\n\ndef get(u):\n    return requests.get(u)\n"
    after = before + "\ndef post(u):\n    return requests.post(u)\n"
    [found] = screen([Edit("a.py", before, after)])
    assert found.findings == ()
    [found] = screen([Edit("a.py", before, after + "import os\nos.system('x')\n")])
    assert {f.kind for f in found.findings} == {Kind.PROCESS}


def test_other_languages_are_said_not_to_be_screened() -> None:
    [found] = screen([Edit("run.sh", None, "rm -rf /")])
    assert not found.is_screened
    assert found.findings == ()


def test_any_text_is_read_without_an_error() -> None:
    from hypothesis import given, settings
    from hypothesis import strategies as st

    pieces = st.sampled_from(
        ['"', "'", '"""', "//", "/*", "*/", "\\", "\\u0022", "\n", "Runtime", ".getRuntime", "(",
         "os.system(", "import os\n", ")", "f'{", "}", "\0", "x = "]
    )  # fmt: skip

    @settings(max_examples=300, deadline=None)
    @given(st.lists(pieces, max_size=30))
    def check(parts: list[str]) -> None:
        text = "".join(parts)
        screen([Edit("a.py", None, text), Edit("A.java", None, text)])

    check()


def test_our_own_folders_without_a_sandbox_are_not_refused() -> None:
    """Ordinary code in quantity: the queries start nothing, write nothing and ask no one."""
    root = Path(__file__).resolve().parents[2] / "graphdb/queries"
    for path in root.glob("*.py"):
        [found] = screen([Edit(path.name, None, path.read_text())])
        assert not found.is_refused, list(found.lines())
