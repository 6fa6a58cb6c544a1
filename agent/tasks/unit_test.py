"""The job of writing a test class for a symbol, with heuristic repair of what came (TestBench)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agent.draft import Draft, Edit
from agent.prompts import prompt
from agent.task import Brief, Limits
from agent.tasks.ground import code_in
from agent.testing.repair import repair
from graphdb.queries.source import source_of

if TYPE_CHECKING:
    from agent.draft import Check
    from agent.tasks.ground import Work
    from graphdb.symbols import Symbol

_MAX_SHOWN = 8_000


@dataclass(frozen=True, slots=True)
class UnitTest:
    """Tests for a class, function or method. path: of the file to write. package: of a Java one."""

    work: Work
    symbol: Symbol
    path: str
    package: str = ""
    name: ClassVar[str] = "test"
    limits: ClassVar[Limits] = Limits(tokens=40_000, rounds=4, reply_tokens=3_000)

    def brief(self) -> Brief:
        """The code under test, with what it takes to call it."""
        code = (source_of(self.work.ground.reader, self.symbol).code or "")[:_MAX_SHOWN]
        place = self.symbol.location
        question = f"Write the test file {self.path} for {self.symbol.full_name} ({place}):\n"
        question += f"```\n{code}\n```\n{prompt('shape_test')}"
        return Brief(prompt("role_code"), question, self.work.around(self.symbol, "test"))

    def read(self, reply: str) -> Draft:
        """The test file after its repairs, which are told with the draft."""
        code = code_in(reply, self.path)
        done = repair(code, self.path, package=self.package, analyst=self.work.analyst)
        notes = tuple(f"repaired: {each.what}" for each in done.repairs)
        before = self.work.ground.read_file(done.path)
        return Draft(reply.strip(), (Edit(done.path, before, done.text),), notes)

    def checks(self) -> tuple[Check, ...]:
        """The file must hold, and its tests pass."""
        return self.work.checks(self.name, self.symbol)
