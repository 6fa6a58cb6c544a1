"""Which checks a job gets, in which order, and what it says of those that cannot be made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.checks.chosen import JOBS, ORDER, Means, checks_for, checks_of
from agent.draft import Draft, Edit, Status

if TYPE_CHECKING:
    from tests.agent.checks.conftest import Shop

HOSTILE = ["", "\0", "(" * 5_000, "\ud800", "x" + ".y" * 2_000, "-" * 20_000 + "1", "\x0c" * 99]


def test_checks_come_cheapest_first(shop: Shop) -> None:
    made = checks_for(reversed(ORDER), Means(shop.root))
    assert tuple(check.name for check in made) == ORDER


def test_an_unknown_check_is_told() -> None:
    with pytest.raises(ValueError, match="no check is called spelling: known are parse"):
        checks_for(["parse", "spelling"], Means(Path()))


@pytest.mark.parametrize("job", JOBS)
def test_every_job_has_checks(shop: Shop, job: str) -> None:
    names = [check.name for check in checks_of(shop.reader, shop.analyst, shop.root)(job, None)]
    # Without a sandbox no test is run.
    assert names == sorted(set(JOBS[job]) - {"tests"}, key=ORDER.index)


def test_checks_without_means_are_skipped_with_their_reason(tmp_path: Path) -> None:
    draft = Draft("See `a.b`.", (Edit("A.java", None, "class A {}\n"),))
    results = {check.name: check.run(draft) for check in checks_for(ORDER, Means(tmp_path))}
    skipped = {name: r.reason for name, r in results.items() if r.status is Status.SKIPPED}
    assert skipped.pop("lint") in ("no file of the draft is Python", "ruff is not installed")
    assert skipped == {
        "parse": "texts cannot be read here: nothing is indexed",
        "imports": "texts cannot be read here: nothing is indexed",
        "names": "texts cannot be read here: nothing is indexed",
        "same_signature": "texts cannot be read here: nothing is indexed",
        "citations": "nothing is indexed",
        "compile": "nothing here compiles Java",
        "pyright": "nothing may run here: there is no sandbox",
        "tests": "nothing may run here: there is no sandbox",
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["shop/new.py", "src/shop/New.java", "odd \n name.py", "x.md"])
def test_no_draft_makes_a_check_raise(shop: Shop, text: str, path: str) -> None:
    means = Means(shop.root, shop.reader, shop.analyst)
    draft = Draft(text, (Edit(path, None, text), Edit(path, "x = 1\n", text)))
    for check in checks_for(ORDER, means):
        result = check.run(draft)
        assert result.check == check.name
        assert result.reason or result.status is not Status.SKIPPED
