"""Jobs of the agent as benchmarks pose them: what differs from the product is here and said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.draft import Draft, Edit
from agent.prompts import prompt
from agent.tasks.coding import WriteClass
from agent.tasks.ground import code_in
from agent.tasks.unit_test import UnitTest

if TYPE_CHECKING:
    from agent.task import Brief


@dataclass(frozen=True, slots=True)
class ClassInModule(WriteClass):
    """A class for a file that keeps what else it holds, which the description does not tell."""

    def read(self, reply: str) -> Draft:
        """The class after the rest of the file, so that checks see both."""
        code = code_in(reply, self.path)
        before = self.work.ground.read_file(self.path)
        rest = (before or "").rstrip()
        return Draft(
            reply.strip(), (Edit(self.path, before, f"{rest}\n\n\n{code}" if rest else code),)
        )


@dataclass(frozen=True, slots=True)
class TestAsPosed(UnitTest):
    """Tests that are asked for in the benchmark's words, with the context that it chose."""

    __test__ = False  # pytest takes the name for a class of tests

    text: str = ""

    def brief(self) -> Brief:
        """The benchmark's text in the place of our own question."""
        found = UnitTest.brief(self)
        return replace(found, question=f"{self.text}\n{prompt('shape_test')}")
