"""Puts a copy back after an attempt: whole where code of a model ran, which may change any file.

A model's class that rewrites the tests would otherwise pass them, and so would every later one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from agent.draft import Edit
    from agent.sandbox.ran import Sandbox


@runtime_checkable
class Resettable(Protocol):
    """A sandbox that can become what it was."""

    def reset(self) -> None:
        """Make every file as it was, and remove what was not there."""
        ...


def put_back(sandbox: Sandbox, undo: Edit, *, is_trusted: bool) -> None:
    """Undo an edit. is_trusted: nothing but the edit has changed, so that is enough."""
    if not is_trusted and isinstance(sandbox, Resettable):
        sandbox.reset()
    else:
        sandbox.apply([undo])
