"""The commands that can be typed in a conversation, one row each, and how a line is read as one."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches


class CommandError(Exception):
    """A line that is no command; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command. argument: what follows it, "" for nothing; in brackets when it may be left out.

    question: for one that asks the graph, the question, with `{}` for its argument. mode: for one
    that goes to a mode, its name.
    """

    name: str
    argument: str
    help: str
    question: str = ""
    mode: str = ""

    @property
    def usage(self) -> str:
        """As it is typed."""
        return f"/{self.name} {self.argument}".rstrip()

    @property
    def needs_argument(self) -> bool:
        """True when it means nothing by itself."""
        return bool(self.argument) and not self.argument.startswith("[")


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("help", "", "keys and commands"),
    SlashCommand("index", "[full]", "bring the index up to date, or build it anew"),
    SlashCommand("status", "", "what is indexed, and whether it is behind the files"),
    SlashCommand("model", "", "which language model answers, and how to set one"),
    SlashCommand("mode", "NAME", "go to a mode"),
    SlashCommand("def", "NAME", "where it is defined", "where is {}"),
    SlashCommand("refs", "NAME", "all that uses it", "where is {} used"),
    SlashCommand("callers", "NAME", "who calls it", "who calls {}"),
    SlashCommand("callees", "NAME", "what it calls", "what does {} call"),
    SlashCommand("impact", "NAME", "what a change of it may break", "what breaks if {} changes"),
    SlashCommand("graph", "NAME", "its neighbourhood, drawn", mode="graph"),
    SlashCommand("cypher", "[QUERY]", "go to the query console", mode="cypher"),
    SlashCommand("debug", "[TRACE]", "find the frames of a trace", mode="debug"),
    SlashCommand("test", "[NAME]", "tests for a symbol", mode="unit_test"),
    SlashCommand("class", "[TEXT]", "a new class", mode="generate"),
    SlashCommand("gen", "[TEXT]", "new code", mode="generate"),
    SlashCommand("comment", "[NAME]", "a docstring", mode="comment"),
    SlashCommand("diff", "", "the proposed changes, hunk by hunk"),
    SlashCommand("apply", "", "write the accepted hunks"),
    SlashCommand("undo", "", "take the last applied change back"),
    SlashCommand("copy", "", "copy the last answer"),
    SlashCommand("export", "[FILE]", "write the conversation as Markdown, or JSON by the name"),
    SlashCommand("save", "[NAME]", "keep the conversation under a name"),
    SlashCommand("resume", "[NAME]", "go on with a conversation of before"),
    SlashCommand("clear", "", "begin a new conversation; the old one is kept"),
    SlashCommand("tokens", "", "tokens, calls, time and cost so far"),
    SlashCommand("theme", "[NAME]", "other colours"),
    SlashCommand("doctor", "", "check the installation"),
    SlashCommand("quit", "", "end; the conversation is kept"),
)
_BY_NAME = {command.name: command for command in COMMANDS}


def read_command(line: str) -> tuple[SlashCommand, str] | None:
    """A line's command and argument; None for a line that is none. Raises CommandError."""
    text = line.strip()
    if not text.startswith("/"):
        return None
    name, _, argument = text[1:].partition(" ")
    if "/" in name or "." in name:
        return None
    command = _BY_NAME.get(name.lower())
    if command is None:
        near = get_close_matches(name.lower(), _BY_NAME, n=1, cutoff=0.5)
        hint = f": did you mean /{near[0]}?" if near else "; /help lists them"
        raise CommandError(f"no command is called /{name}{hint}")
    argument = argument.strip()
    if command.needs_argument and not argument:
        raise CommandError(f"{command.usage}: {command.argument} is missing")
    return command, argument
