"""Settings of the process hold while somebody needs them, and not longer."""

from __future__ import annotations

import gc
import sys
from threading import Barrier, Thread

from indexer.interpreter import quiet_interpreter


def test_the_last_to_leave_puts_back_what_the_first_found() -> None:
    before = sys.getrecursionlimit()
    inside, left = Barrier(2, timeout=10), Barrier(2, timeout=10)

    def other() -> None:
        with quiet_interpreter():
            inside.wait()
            left.wait()

    thread = Thread(target=other)
    with quiet_interpreter():
        thread.start()
        inside.wait()
    # The first has left, and the other one still needs it.
    assert sys.getrecursionlimit() > before
    assert not gc.isenabled()
    left.wait()
    thread.join()
    assert sys.getrecursionlimit() == before
    assert gc.isenabled()
