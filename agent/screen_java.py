r"""Java: a scanner that tells code, comments and literals apart, and names that code may not use.

Unicode escapes are read first, as the compiler does: `\u0052untime` is the name Runtime, and an
escape may even end a comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.screen import (
    Finding,
    Kind,
    Severity,
    findings_in_text,
    is_outside,
    is_secret_name,
    quoted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESCAPE = re.compile(r"\\(\\|u+([0-9A-Fa-f]{4}))")
_TOKEN = re.compile(
    r'(?P<text>"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>'(?:\\.|[^'\\\n])+')"
    r"|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))",
    re.DOTALL,
)
_LITERAL = "\x00"
_R, _W = Severity.REFUSE, Severity.WARN
_RULES: tuple[tuple[str, Kind, Severity], ...] = (
    (r"Runtime\s*\.\s*getRuntime|ProcessBuilder|ProcessHandle", Kind.PROCESS, _R),
    (r"System\s*\.\s*exit|Runtime\s*\.\s*halt", Kind.PROCESS, _W),
    (
        r"HttpURLConnection|HttpsURLConnection|URLConnection|HttpClient|(?:Server|Datagram)?Socket"
        r"|SocketChannel|DatagramChannel|InetAddress|RestTemplate|WebClient|OkHttpClient"
        r"|openStream|openConnection|InitialContext",
        Kind.NETWORK,
        _R,
    ),
    (r"import\s+java\s*\.\s*net\s*\.\s*\*|import\s+javax\s*\.\s*naming", Kind.NETWORK, _W),
    (
        r"Files\s*\.\s*(?:delete|deleteIfExists|walkFileTree)|FileUtils\s*\.\s*(?:delete\w*"
        r"|forceDelete|cleanDirectory)|deleteOnExit|deleteRecursively",
        Kind.FILES,
        _W,
    ),
    (
        r"Class\s*\.\s*forName|setAccessible|getDeclaredMethods?|getDeclaredFields?|MethodHandles"
        r"|defineClass|ScriptEngineManager|URLClassLoader|Unsafe|System\s*\.\s*load(?:Library)?"
        r"|ObjectInputStream|ToolProvider",
        Kind.DYNAMIC,
        _W,
    ),
    (r"KeyStore|PasswordAuthentication", Kind.SECRET, _W),
)
_PATTERNS = [(re.compile(rf"\b(?:{names})\b"), kind, severity) for names, kind, severity in _RULES]
_HIDDEN = re.compile(r"java\.lang\.(?:Runtime|ProcessBuilder)|java\.net\.\w+|sun\.misc\.Unsafe")
_ENVIRONMENT = re.compile(rf"\bSystem\s*\.\s*getenv\s*\(\s*({_LITERAL}\d+{_LITERAL})?")
_WRITING = re.compile(
    r"\b(?:Files\s*\.\s*(?:delete\w*|write\w*|create\w*|move|copy|newBufferedWriter"
    r"|newOutputStream)|new\s+(?:File(?:Writer|OutputStream)|PrintWriter|RandomAccessFile|File)"
    rf"|Path(?:s\s*\.\s*get|\s*\.\s*of))\s*\([^;{{}}]*?{_LITERAL}(\d+){_LITERAL}"
)
_OPENING = re.compile(r"new\s+File|Path(?:s\s*\.\s*get|\s*\.\s*of)")
_CHANGING = re.compile(r"delete|write|Writer|OutputStream|create|move|copy|mkdir|renameTo|set[A-Z]")


class _Literal(NamedTuple):
    text: str
    line: int


def findings_in_java(text: str) -> list[Finding]:
    """What a file does that has no business in it, in the order of its lines."""
    code, literals = _scan(_ESCAPE.sub(_unescape, text))
    found = [*_of_names(code), *_of_literals(literals), *_of_places(code, literals)]
    return sorted(set(found), key=lambda finding: (finding.line, finding.what))


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[2], 16)) if found[2] else found[0]


def _scan(text: str) -> tuple[str, list[_Literal]]:
    """The code with a mark in the place of each literal, and the literals; lines stay."""
    literals: list[_Literal] = []
    lines = 1
    place = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal lines, place
        lines += text.count("\n", place, found.start())
        place = found.start()
        breaks = "\n" * found[0].count("\n")
        if found["text"] is None:
            return f" {breaks}"
        literals.append(_Literal(found[0].strip('"'), lines))
        return f"{_LITERAL}{len(literals) - 1}{_LITERAL}{breaks}"

    return _TOKEN.sub(mark, text.replace(_LITERAL, "")), literals


def _of_names(code: str) -> Iterator[Finding]:
    for pattern, kind, severity in _PATTERNS:
        for found in pattern.finditer(code):
            line = _line(code, found.start())
            is_import = re.match(r"\s*import\b", code[code.rfind("\n", 0, found.start()) + 1 :])
            what = re.sub(r"\s*\.\s*", ".", " ".join(found[0].split()))
            yield Finding(line, what, kind, Severity.WARN if is_import else severity)


def _of_literals(literals: list[_Literal]) -> Iterator[Finding]:
    for literal in literals:
        yield from findings_in_text(literal.text, literal.line)
        if found := _HIDDEN.search(literal.text):
            yield Finding(literal.line, quoted(found[0]), Kind.DYNAMIC, Severity.REFUSE)


def _of_places(code: str, literals: list[_Literal]) -> Iterator[Finding]:
    for found in _ENVIRONMENT.finditer(code):
        literal = literals[int(found[1].strip(_LITERAL))] if found[1] else None
        line = _line(code, found.start())
        if literal is None:
            yield Finding(line, "System.getenv", Kind.SECRET, Severity.WARN)
        elif is_secret_name(literal.text):
            what = f"System.getenv({quoted(literal.text)})"
            yield Finding(line, what, Kind.SECRET, Severity.REFUSE)
    for found in _WRITING.finditer(code):
        literal = literals[int(found[1])]
        end = code.find(";", found.end())
        statement = code[found.start() : end if end >= 0 else len(code)]
        is_only_named = _OPENING.match(found[0]) and not _CHANGING.search(statement)
        if is_outside(literal.text) and not is_only_named:
            what = f"{found[0].partition('(')[0].strip()}({quoted(literal.text)})"
            yield Finding(literal.line, what, Kind.FILES, Severity.REFUSE)


def _line(code: str, place: int) -> int:
    return code.count("\n", 0, place) + 1
