"""Code that does its worst is contained, the report says so, and nothing of it is left."""

from __future__ import annotations

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.sandbox.isolation import Method
from agent.sandbox.local import LocalSandbox, open_sandbox
from agent.sandbox.ran import End
from tests.agent.sandbox.hostile import MARK, PYTHON, left_over, run

if TYPE_CHECKING:
    from collections.abc import Iterator

TAKERS = {
    "fork bomb": ("import os\nwhile True: os.fork()", End.PROCESSES),
    "fork bomb that swallows errors": (
        "import os\nwhile True:\n try: os.fork()\n except OSError: pass",
        End.PROCESSES,
    ),
    "memory hog": ("x = []\nwhile True: x.append(bytearray(10_000_000))", End.MEMORY),
    "memory without an owner": (
        "import os, time\nfor n in range(60): os.write(os.memfd_create('m'), bytes(10_000_000))\n"
        "time.sleep(60)",
        End.MEMORY,
    ),
    "memory in children": (
        "import os, time\n"
        "for n in range(8):\n if not os.fork(): x = bytearray(b'x' * 100_000_000); time.sleep(60)\n"
        "time.sleep(60)",
        End.MEMORY,
    ),
    "endless loop": ("while True: pass", End.CPU),
    "endless loops in children": (
        "import os\nos.fork(); os.fork()\nwhile True: pass",
        End.CPU,
    ),
    "sleeping forever": ("import time\ntime.sleep(9999)", End.TIMEOUT),
    "ignoring requests to end": (
        "import signal, time\n"
        "for n in set(signal.Signals) - {9, 19}: signal.signal(n, signal.SIG_IGN)\n"
        "time.sleep(9999)",
        End.TIMEOUT,
    ),
    "output flood": ("while True: print('x' * 10_000)", End.OUTPUT),
    "many files": (
        "import time\nfor n in range(90):\n open(f'big{n}', 'wb').write(bytes(1) * 2_000_000)\n"
        "time.sleep(60)",
        End.DISK,
    ),
    "a file without a name": (
        "import os, time\nkept = []\nfor n in range(20):\n"
        " f = open('big', 'wb'); f.write(b'x' * 9_000_000); f.flush(); os.unlink('big')\n"
        " kept.append(f)\ntime.sleep(60)",
        End.DISK,
    ),
}


@pytest.mark.parametrize("name", TAKERS)
def test_who_takes_too_much_is_ended(sandbox: LocalSandbox, name: str) -> None:
    code, end = TAKERS[name]
    seconds = 1 if end is End.TIMEOUT else 20
    cpu_seconds = 0.4 if end is End.CPU else 60
    began = time.monotonic()
    ran = run(
        sandbox,
        code,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        output_bytes=2_000,
        memory_mb=300,
    )
    assert ran.end is end, ran
    assert ran.exit_code is None
    assert len(ran.output) < 3_000
    assert time.monotonic() - began < 15


def test_forks_are_refused_by_the_kernel_and_not_only_counted(sandbox: LocalSandbox) -> None:
    code = """
import os, signal, time
made = 0
for n in range(500):
    try:
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        made += 1
    except BlockingIOError:
        break
print("made", made, flush=True)
time.sleep(5)
"""
    ran = run(sandbox, code, processes=10)
    assert ran.end is End.PROCESSES
    made = [line for line in ran.output.splitlines() if line.startswith("made")]
    assert not made or int(made[0].split()[1]) <= 40


def test_one_huge_file(sandbox: LocalSandbox) -> None:
    ran = run(sandbox, "f = open('big', 'wb')\nwhile True: f.write(bytes(1_000_000))")
    # The kernel refuses to write on, or the watch sees first that the copy holds too much.
    assert ran.end is End.DISK or (ran.exit_code == 1 and "File too large" in ran.output)
    assert (sandbox.folder / "big").stat().st_size <= 20 << 20


def test_output_comes_without_colours(sandbox: LocalSandbox) -> None:
    ran = run(sandbox, r"print('\x1b[0m\x1b[31m[ERROR] no such name\x1b[m')")
    assert ran.output == "[ERROR] no such name\n"


def test_output_keeps_its_head_and_its_tail(sandbox: LocalSandbox) -> None:
    ran = run(sandbox, "print('first'); print('x' * 50_000); print('last')", output_bytes=2_000)
    assert ran.is_ok
    assert ran.output.startswith("first\n")
    assert ran.output.endswith("last\n")
    assert "bytes cut" in ran.output
    assert len(ran.output) < 2_100


WRITERS = {
    "absolute path": "open('{outside}/planted', 'w')",
    "dots": "open('../../../../..{outside}/planted', 'w')",
    "dots from the copy": "open('../planted', 'w')",
    "link to a folder": "os.symlink('{outside}', 'way'); open('way/planted', 'w')",
    "link to a file": "os.symlink('{outside}/kept', 'way'); open('way', 'w')",
    "hard link": "os.link('{outside}/kept', 'way'); open('way', 'w')",
    "the original": "open('{original}/../planted', 'w')",
    "system": "open('/usr/planted', 'w')",
    "another user": "os.setuid(0)",
    "a device": "os.mknod('disk', 0o60666, os.makedev(8, 0)); open('disk')",
    "a mount": "import ctypes; assert not ctypes.CDLL(None).mount(b'x', b'/usr', b'tmpfs', 0, b'')",
    "another namespace": "import ctypes; assert not ctypes.CDLL(None).unshare(0x10000000)",
    "a process outside": "os.kill({pid}, 15)",
    "its own first process": "os.kill(1, 9); os.listdir('/proc/1/fd')",
    "memory of the first process": "open('/proc/1/mem', 'r+b')",
    "a setting of the kernel": "open('/proc/sys/kernel/hostname', 'w').write('x')",
}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_outside_is_written(sandbox: LocalSandbox, tmp_path: Path, name: str) -> None:
    if name == "another namespace" and sandbox.isolation.method is Method.BUBBLEWRAP:
        pytest.skip("bubblewrap lets it make namespaces of its own, without a right outside them")
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    kept = outside / "kept"
    kept.write_text("kept")
    kept.chmod(0o666)
    code = WRITERS[name].format(outside=outside, original=tmp_path / "repository", pid=os.getpid())
    ran = run(sandbox, f"import os\n{code}")
    assert ran.end is End.EXITED
    # Folders around the copy may be its own, like /tmp; they are gone with the run.
    assert not ran.is_ok or name in ("dots from the copy", "the original"), ran.output
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert kept.read_text() == "kept"
    assert not (sandbox.folder.parent / "planted").exists()


def test_its_tmp_is_its_own(sandbox: LocalSandbox, tmp_path: Path) -> None:
    name = f"/tmp/planted-{tmp_path.name}-{os.getpid()}"
    ran = run(sandbox, f"import os\nopen('{name}', 'w').write('x'); print(os.listdir('/tmp'))")
    assert ran.is_ok, ran.output
    assert not Path(name).exists()
    assert not run(sandbox, f"open('{name}')").is_ok, "each run has a new one"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A server of this machine, and who has called it."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        is_done = threading.Event()

        def answer() -> None:
            while not is_done.is_set():
                try:
                    connection, caller = server.accept()
                except TimeoutError:
                    continue
                calls.append(caller)
                connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        socket.create_connection(server.getsockname()).close()
        yield server.getsockname()[1], calls
        is_done.set()
        thread.join()


def test_no_call_leaves_it(sandbox: LocalSandbox, listener: tuple[int, list[object]]) -> None:
    port, calls = listener
    code = f"""
import socket
for address in (("127.0.0.1", {port}), ("localhost", {port}), ("192.0.2.1", 80), ("::1", {port})):
    try:
        socket.create_connection(address, timeout=1)
        print("reached", address)
    except OSError as error:
        print(error)
try:
    print("reached", socket.getaddrinfo("example.com", 80))
except OSError as error:
    print(error)
with socket.create_server(("127.0.0.1", 0)) as own:
    socket.create_connection(own.getsockname()).close()
"""
    ran = run(sandbox, code)
    assert ran.is_ok, ran.output
    assert "reached" not in ran.output
    time.sleep(0.3)
    assert len(calls) == 1, "only the one that the fixture made"
    assert any(line.startswith("network: none") for line in ran.apart)


def test_sockets_of_the_file_system_and_abstract_ones(
    sandbox: LocalSandbox, tmp_path: Path
) -> None:
    name = str(tmp_path / "socket")
    abstract = f"\0{MARK}"
    with socket.socket(socket.AF_UNIX) as named, socket.socket(socket.AF_UNIX) as hidden:
        named.bind(name)
        named.listen()
        hidden.bind(abstract)
        hidden.listen()
        for address in (name, abstract):
            code = f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})"
            assert not run(sandbox, code).is_ok


def test_no_secret_is_read(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-key")
    monkeypatch.setenv("SSH_AUTH_SOCK", "canary-agent")
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/id").write_text("canary-file")
    monkeypatch.setenv("HOME", str(home))
    code = f"""
import glob, os
print(dict(os.environ))
for name in [*glob.glob("/proc/*/environ"), "{home}/.ssh/id", os.path.expanduser("~/.ssh/id"),
             "/proc/1/cwd{home}/.ssh/id", "/proc/1/root{home}/.ssh/id", "/etc/shadow", ".env"]:
    try:
        print(name, open(name).read())
    except OSError as error:
        print(error)
"""
    ran = run(sandbox, code)
    assert ran.is_ok, ran.output
    assert "canary" not in ran.output
    assert str(os.getpid()) not in run(sandbox, "import os; print(os.listdir('/proc'))").output


ESCAPES = {
    "a daemon": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for n in (0, 1, 2):
            os.close(n)
        time.sleep(60)
    os._exit(0)
print("done")
""",
    "a grandchild that keeps the output open": """
import subprocess, sys
inner = "import time; time.sleep(60)"
outer = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {inner!r}])"
subprocess.Popen([sys.executable, "-c", outer])
print("done")
""",
    "who cannot be asked to end": """
import os, signal, time
for n in (1, 2, 3, 15):
    signal.signal(n, signal.SIG_IGN)
if os.fork() == 0:
    time.sleep(60)
print("done")
""",
    "its own parent killed": """
import os, signal
if os.fork() == 0:
    os.setsid()
    os.kill(os.getppid(), signal.SIGKILL)
    import time
    time.sleep(60)
import time
time.sleep(60)
""",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_nothing_outlives_the_run(sandbox: LocalSandbox, name: str) -> None:
    began = time.monotonic()
    ran = run(sandbox, ESCAPES[name])
    assert time.monotonic() - began < 3
    assert ran.end is (End.KILLED if "killed" in name else End.EXITED)
    assert left_over() == []


def test_the_copy_may_be_deleted_and_comes_back(sandbox: LocalSandbox) -> None:
    ran = run(sandbox, "import shutil; shutil.rmtree('.', ignore_errors=True)")
    assert ran.end is End.EXITED
    assert list(sandbox.folder.iterdir()) == []
    sandbox.reset()
    assert (sandbox.folder / "src/app.py").read_text().startswith("def answer")
    assert run(sandbox, "import src.app; assert src.app.answer() == 42").is_ok


def test_what_a_run_leaves_can_be_removed(sandbox: LocalSandbox) -> None:
    code = """
import os
os.makedirs("closed/inner")
open("closed/inner/file", "w").close()
os.chmod("closed/inner", 0)
os.chmod("closed", 0)
for n in range(3000):
    os.mkdir("deep")
    os.chdir("deep")
"""
    ran = run(sandbox, code, file_mb=2_000)
    assert ran.is_ok, ran.output
    sandbox.remove("closed")
    sandbox.remove("deep")
    assert not (sandbox.folder / "deep").exists()
    assert not (sandbox.folder / "closed").exists()
    ran = run(sandbox, code, file_mb=2_000)  # and once more for the end of the sandbox
    assert ran.is_ok, (ran.end, ran.output)


def test_two_at_once_do_not_meet(sandbox: LocalSandbox, repository: Path) -> None:
    code = """
import os, time
open("mine", "a").write("x")
time.sleep(0.5)
print(sorted(n for n in os.listdir("/proc") if n.isdigit()), open("mine").read())
"""
    with open_sandbox(repository) as other, ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda one: run(one, code), (sandbox, other))
    assert first.is_ok, first.output
    assert first.output.strip() == second.output.strip() == "['1', '2'] x"


def test_a_program_that_is_not_there(sandbox: LocalSandbox) -> None:
    from agent.sandbox.ran import RunLimits

    ran = sandbox.run(["no-such-program"], RunLimits(seconds=5))
    assert ran.end is End.NOT_STARTED
    assert "no-such-program: No such file or directory" in ran.output
    if not PYTHON.startswith("/usr/"):
        ran = sandbox.run([PYTHON, "-V"], RunLimits(seconds=5))
        assert ran.end is End.NOT_STARTED, "it was not shown"
