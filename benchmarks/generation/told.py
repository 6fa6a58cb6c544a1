"""What ranks for a control without a graph: a text that was chosen elsewhere, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.retrieval.packing import Packed, tokens_of
from graphdb.retrieval.retriever import Found, Located, Retriever
from graphdb.schema import CODE_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphdb.schema import NodeKind
    from graphdb.symbols import Symbol


class ToldRetriever(Retriever):
    """Gives the same text for every question, whatever its budget, and finds no symbol."""

    def __init__(self, text: str) -> None:
        # There is no corpus to be asked: every question is answered here.
        self._text = text

    def search(
        self,
        text: str,  # noqa: ARG002 - nothing is looked for
        kinds: Collection[NodeKind] = CODE_KINDS,  # noqa: ARG002
        limit: int = 20,  # noqa: ARG002
    ) -> tuple[Found, ...]:
        """Nothing."""
        return ()

    def locate(self, text: str, limit: int = 10) -> Located:  # noqa: ARG002 - nothing is looked for
        """Nothing."""
        return Located((), (), ())

    def context_of(
        self,
        symbol: Symbol,  # noqa: ARG002 - the text is chosen already
        budget: int,
        text: str = "",  # noqa: ARG002
        *,
        with_code: bool = True,  # noqa: ARG002
    ) -> Packed:
        """The text."""
        return self.map(budget)

    def context_at(self, path: str, line: int, budget: int, text: str) -> Packed:  # noqa: ARG002 - the text is chosen already
        """The text."""
        return self.map(budget)

    def context_for(self, text: str, budget: int) -> Packed:  # noqa: ARG002 - the text is chosen already
        """The text."""
        return self.map(budget)

    def map(self, budget: int) -> Packed:
        """The text."""
        return Packed((), budget, tokens_of(self._text), self._text)
