"""The pool gives one outcome for each item, whatever happens to a worker."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.workers import Outcome, PoolSettings, default_jobs, map_items

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
POOL = PoolSettings(jobs=2, min_items=0)


def square(number: int) -> int:
    return number * number


def pid_of(_: int) -> int:
    return os.getpid()


def fail_on_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven\nand more")
    return number


def die_on(victims: frozenset[int], how: int, number: int) -> int:
    if number in victims:
        os.kill(os.getpid(), how)
    return number


def die_once(flag: Path, number: int) -> int:
    if number == 3 and not flag.exists():
        flag.touch()
        os._exit(5)
    return number


def sleep_on_five(number: int) -> int:
    if number == 5:
        time.sleep(60)
    return number


def by_index(outcomes: Iterable[Outcome[int]]) -> dict[int, Outcome[int]]:
    rows = list(outcomes)
    found = {row.index: row for row in rows}
    assert len(found) == len(rows), "an item was answered twice"
    return found


def own_children() -> list[psutil.Process]:
    """Workers of this process; a server that other tests use, and what spawning keeps, are none."""
    children = psutil.Process().children(recursive=True)
    return [c for c in children if c.name() != "java" and "resource_tracker" not in _command(c)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_item_is_answered_once(jobs: int) -> None:
    found = by_index(map_items(square, range(1000), PoolSettings(jobs, min_items=0)))
    assert {index: row.value for index, row in found.items()} == {n: n * n for n in range(1000)}
    assert own_children() == []


@given(
    costs=st.lists(st.integers(0, 10_000), max_size=60),
    jobs=st.integers(1, 3),
)
@settings(max_examples=20, deadline=None)
def test_any_cost_gives_every_item(costs: list[int], jobs: int) -> None:
    pool = PoolSettings(jobs, min_items=0)
    found = by_index(map_items(square, costs, pool, cost=lambda cost: cost))
    assert [found[index].value for index in range(len(costs))] == [cost * cost for cost in costs]


def test_few_items_start_no_process() -> None:
    outcomes = map_items(pid_of, range(199), PoolSettings(jobs=2))
    assert {row.value for row in outcomes} == {os.getpid()}
    outcomes = map_items(pid_of, range(200), PoolSettings(jobs=2))
    assert os.getpid() not in {row.value for row in outcomes}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_is_a_problem_of_its_item(jobs: int) -> None:
    found = by_index(map_items(fail_on_seven, range(20), PoolSettings(jobs, min_items=0)))
    assert found.pop(7) == Outcome(7, None, "ValueError: seven")
    assert all(row.problem is None and row.value == index for index, row in found.items())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("victims", [{0}, {7, 8, 499}, set(range(12))])
def test_a_death_costs_the_item_that_caused_it(how: int, victims: set[int]) -> None:
    function = functools.partial(die_on, frozenset(victims), how)
    found = by_index(map_items(function, range(500), POOL))
    assert len(found) == 500
    for index, row in found.items():
        if index in victims:
            assert row.value is None
            assert row.problem is not None
            assert f"(signal {int(how)})" in row.problem
        else:
            assert row == Outcome(index, index)


def test_an_item_that_dies_once_is_tried_again(tmp_path: Path) -> None:
    found = by_index(map_items(functools.partial(die_once, tmp_path / "flag"), range(50), POOL))
    assert {row.value for row in found.values()} == set(range(50))
    assert (tmp_path / "flag").exists()


def test_an_item_that_never_ends_is_stopped() -> None:
    pool = PoolSettings(jobs=2, min_items=0, timeout_s=2.0)
    found = by_index(map_items(sleep_on_five, range(40), pool))
    assert found.pop(5).problem == "took longer than 2 s"
    assert {row.value for row in found.values()} == set(range(40)) - {5}


def test_progress_counts_up_to_all() -> None:
    seen: list[tuple[int, int]] = []
    list(map_items(square, range(300), POOL, on_progress=lambda *step: seen.append(step)))
    assert seen == [(done, 300) for done in range(1, 301)]


def test_closing_the_iterator_stops_the_workers() -> None:
    outcomes = map_items(square, range(5000), POOL)
    next(outcomes)
    assert own_children()
    outcomes.close()
    assert own_children() == []


def test_a_running_thread_makes_no_difference() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        found = by_index(map_items(abs, range(-300, 0), POOL))
    finally:
        stop.set()
        thread.join()
    assert sorted(row.value or 0 for row in found.values()) == list(range(1, 301))


SLOW_RUN = """
import sys, time
from indexer.workers import PoolSettings, map_items
print("started", flush=True)
for _ in map_items(time.sleep, [0.005] * 100_000, PoolSettings(2, min_items=0)):
    print("one", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process(how: int) -> None:
    command = [sys.executable, "-c", SLOW_RUN]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "started\n"
        assert run.stdout.readline() == "one\n"
        children = psutil.Process(run.pid).children()
        assert len(children) == 2
        run.send_signal(how)
        run.wait(timeout=10)
        _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def test_default_jobs_is_what_may_be_used() -> None:
    assert 1 <= default_jobs() <= (os.cpu_count() or 1)
