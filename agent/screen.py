"""A look at code that a model wrote, before it runs, for what has no business in it.

Advice and not the wall: whoever wants to hide something from it can, and the sandbox is what holds.
It tells a model at once, and a person in one line, what a run would only have failed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.draft import Edit


class Severity(StrEnum):
    """refuse: not to be run or applied unseen. warn: to be told."""

    REFUSE = "refuse"
    WARN = "warn"


class Kind(StrEnum):
    """What a finding is about."""

    FILES = "files"
    NETWORK = "network"
    PROCESS = "process"
    SECRET = "secret"  # noqa: S105 - a kind of finding
    DYNAMIC = "dynamic"


_WHY = {
    Kind.FILES: "writes or deletes outside the repository",
    Kind.NETWORK: "talks to the network",
    Kind.PROCESS: "starts or ends processes",
    Kind.SECRET: "reads what is secret",
    Kind.DYNAMIC: "runs code that cannot be seen here",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. line: 1-based. what: the name or text that is there."""

    line: int
    what: str
    kind: Kind
    severity: Severity

    @property
    def why(self) -> str:
        """What it does, in a few words."""
        return _WHY[self.kind]

    def __str__(self) -> str:
        return f"{self.line}: {self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found in a file. is_screened: False where nothing here knows its language."""

    path: str
    findings: tuple[Finding, ...]
    is_screened: bool = True

    @property
    def is_refused(self) -> bool:
        """True when something is not to be run unseen."""
        return any(finding.severity is Severity.REFUSE for finding in self.findings)

    def lines(self) -> Iterator[str]:
        """For a person: `path:line: what: why`, what is refused first."""
        for finding in sorted(self.findings, key=lambda f: (f.severity, f.line)):
            yield f"{self.path}:{finding}"


def screen(edits: Iterable[Edit]) -> tuple[Screening, ...]:
    """What each edit brings in; what its file had before is not charged to it."""
    return tuple(_screen(edit) for edit in edits)


def _screen(edit: Edit) -> Screening:
    from agent.screen_java import findings_in_java
    from agent.screen_python import findings_in_python

    readers = {".py": findings_in_python, ".java": findings_in_java}
    read = readers.get(edit.path[edit.path.rfind(".") :])
    if read is None:
        return Screening(edit.path, (), is_screened=False)
    had = {(found.kind, _what(found)) for found in read(edit.before or "")}
    new = [found for found in read(edit.after) if (found.kind, _what(found)) not in had]
    return Screening(edit.path, tuple(dict.fromkeys(new)))


def _what(finding: Finding) -> str:
    """Who talks to the network by a module may do so by another function of the same."""
    if finding.kind in (Kind.NETWORK, Kind.PROCESS):
        return finding.what.partition(".")[0]
    return finding.what


_SECRET_PLACES = re.compile(
    r"\.ssh\b|id_(?:rsa|dsa|ecdsa|ed25519)\b|\.netrc\b|\.aws/|\.gnupg\b|\.git-credentials"
    r"|\.docker/config|\.kube/config|\.pypirc|\.npmrc|/etc/(?:shadow|gshadow|sudoers)"
    r"|/proc/(?:self|\d+|\*)/environ|\.m2/settings|keyring|\.config/gh/"
)
_SECRET_NAMES = re.compile(r"(?i)(?:^|_)(?:api_?key|key|token|secret|password|passwd|auth_sock)s?$")
_COMMANDS = re.compile(
    r"\brm\s+-[rf]{1,2}\b|\bcurl\s+|\bwget\s+|\bnc\s+-|/dev/(?:tcp|sd[a-z]|mem)\b"
)
_OUTSIDE = re.compile(r"^(?:/(?!tmp(?:/|$)|dev/null$)|~|[A-Za-z]:[\\/]|\.\./(?:\.\./|$)|\.\.$)")
_SHORT = 60


def is_outside(text: str) -> bool:
    """True for a path that leads out of a repository and of /tmp."""
    return bool(_OUTSIDE.match(text)) or "/../../" in text


def is_secret_name(text: str) -> bool:
    """True for the name of an environment variable that would hold a secret."""
    return bool(_SECRET_NAMES.search(text))


def findings_in_text(text: str, line: int) -> Iterator[Finding]:
    """What a string literal gives away, whatever is done with it."""
    if found := _SECRET_PLACES.search(text):
        yield Finding(line, quoted(found[0]), Kind.SECRET, Severity.REFUSE)
    if found := _COMMANDS.search(text):
        yield Finding(line, quoted(found[0].strip()), Kind.PROCESS, Severity.REFUSE)


def quoted(text: str) -> str:
    """A short form of a literal."""
    return repr(text if len(text) <= _SHORT else text[:_SHORT] + "...")
