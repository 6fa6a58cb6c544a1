"""Commands that run as the user who started the benchmark, kept apart from the machine by little.

An environment has to be built with the network, which a sandbox forbids; and without a sandbox the
gate may still run what upstream published. Code of a model never runs here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from agent.sandbox.ran import End, Ran, RunLimits
from benchmarks.harness.repositories import write_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from agent.draft import Edit

_KEPT = ("PATH", "LANG", "LC_ALL", "JAVA_HOME", "TMPDIR")
_FOR_INSTALLING = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_GRACE = 3.0
"""Seconds between the request to end and the end."""

OPEN = (
    "not in a sandbox: files, network and processes of this user are within reach",
    "memory and processor time are not limited",
)


@dataclass(slots=True)
class BareFolder:
    """A `Sandbox` in form only: the folder itself, as this user.

    is_online: the environment keeps what package installers need to reach an index.
    """

    folder: Path
    is_online: bool = False

    def apply(self, edits: Iterable[Edit]) -> None:
        """Write files of the folder; a path that leads out of it is refused."""
        write_files(self.folder, {edit.path: edit.after.encode() for edit in edits})

    def run(
        self,
        command: Sequence[str],
        limits: RunLimits,
        *,
        cwd: str = "",
        environment: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),  # noqa: ARG002 - everything is readable
    ) -> Ran:
        """Run a command below the folder and end its whole process group; see `OPEN`."""
        whole = (*_without_file_rights(), *command)
        start = time.monotonic()
        with tempfile.TemporaryFile() as output:
            try:
                process = subprocess.Popen(
                    whole,
                    cwd=self.folder / cwd,
                    env=self._environment(environment or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                return Ran(tuple(command), End.NOT_STARTED, None, str(error), 0.0, (), OPEN)
            end = End.EXITED
            try:
                process.wait(limits.seconds)
            except subprocess.TimeoutExpired:
                end = End.TIMEOUT
            finally:
                _end_group(process)
            text = _read(output, limits.output_bytes)
        seconds = time.monotonic() - start
        code = process.returncode if end is End.EXITED else None
        if code is not None and code < 0:
            end, code = End.KILLED, None
        return Ran(tuple(command), end, code, text, seconds, (), OPEN)

    def close(self) -> None:
        """The folder stays."""

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        names = [*_KEPT, "HOME"]
        if self.is_online:
            names += [name for name in os.environ if name.startswith(("PIP_", "UV_", "MAVEN_"))]
            names += [*_FOR_INSTALLING, *(name.lower() for name in _FOR_INSTALLING)]
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return kept | dict(more)


def _without_file_rights() -> tuple[str, ...]:
    """For root: a start that gives up passing over file permissions, which some tests are about."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End all that the command started, also after it has ended itself."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
        except (ProcessLookupError, PermissionError):
            break
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _read(output: IO[bytes], limit: int) -> str:
    """What was written, the middle left out when it is too long."""
    size = output.seek(0, os.SEEK_END)
    output.seek(0)
    if size <= limit:
        return output.read().decode("utf-8", "replace")
    head = output.read(limit // 2)
    output.seek(size - limit // 2)
    cut = f"\n... {size - limit} bytes left out ...\n"
    return (
        head.decode("utf-8", "replace") + cut + output.read(limit // 2).decode("utf-8", "replace")
    )
