"""Precision and recall say what they are said to: by tier, kind, category and step."""

from __future__ import annotations

import pytest

from benchmarks.accuracy.score import Case, Prediction, Wanted, count, score
from benchmarks.accuracy.steps import CANDIDATES, OTHERS, ablation, misses
from graphdb.schema import Tier


def wanted(*pairs: str, category: str = "c") -> tuple[Wanted, ...]:
    return tuple(Wanted(_pair(pair), category, pair) for pair in pairs)


def said(
    pair: str,
    tier: Tier = Tier.EXACT,
    *,
    right: bool | None = True,
    kind: str = "call",
    reason: str = "scope",
    category: str = "c",
) -> Prediction:
    return Prediction(_pair(pair), tier, kind, reason, category, "m.py:1:0", right)


def _pair(text: str) -> tuple[str, str]:
    caller, _, callee = text.partition(">")
    return caller, callee


def test_each_level_includes_the_surer_tiers() -> None:
    case = Case(
        "one",
        wanted("a>b", "a>c", "a>d", "a>e"),
        (
            said("a>b"),
            said("a>c", Tier.INFERRED),
            said("a>x", Tier.INFERRED, right=False),
            said("a>d", Tier.CANDIDATE),
        ),
    )
    levels = score([case]).levels
    assert (levels["exact"].precision, levels["exact"].recall) == (1.0, 0.25)
    assert (levels["inferred"].precision, levels["inferred"].recall) == (2 / 3, 0.5)
    assert (levels["all"].precision, levels["all"].recall) == (0.75, 0.75)


def test_what_the_truth_cannot_tell_is_neither_right_nor_wrong() -> None:
    counts = count(wanted("a>b"), [said("a>b"), said("a>c", right=None)])
    assert (counts.right, counts.judged, counts.found, counts.wanted) == (1, 1, 1, 1)


def test_sites_of_one_pair_are_judged_one_by_one() -> None:
    here = said("a>b")
    there = here._replace(where="m.py:9:0", is_right=False)
    counts = count(wanted("a>b"), [here, there, here])
    assert (counts.right, counts.judged, counts.found) == (1, 2, 1)


@pytest.mark.parametrize("kind", ["property", "operator", "decorator"])
def test_implicit_kinds_apart(kind: str) -> None:
    case = Case("one", wanted("a>b"), (said("a>b", kind=kind), said("a>c", kind=kind, right=False)))
    scores = score([case], implicit_apart=True)
    assert scores.levels["all"].precision == 1.0
    assert scores.levels["all"].recall == 1.0
    assert scores.with_implicit["all"].precision == 0.5


def test_nothing_judged_and_nothing_wanted_are_no_figures() -> None:
    counts = score([Case("one", (), ())]).levels["all"]
    assert counts.precision is None
    assert counts.recall is None


def test_sound_complete_and_categories() -> None:
    cases = [
        Case("whole", wanted("a>b"), (said("a>b"),)),
        Case("lacking", wanted("a>b", category="d"), ()),
        Case("wrong", (), (said("a>b", right=False),)),
    ]
    metrics = score(cases).to_json()
    assert metrics["sound_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["complete_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["by_category"]["c"]["recall"] == 1.0
    assert (metrics["by_category"]["d"]["cases"], metrics["by_category"]["d"]["sound"]) == (1, 0)
    assert metrics["by_kind"]["call"]["judged"] == 2


def test_steps_add_up_in_their_order() -> None:
    case = Case(
        "one",
        wanted("a>b", "a>c", "a>d", "a>e"),
        (
            said("a>b", reason="import"),
            said("a>c", reason="self"),
            said("a>d", Tier.INFERRED, reason="value"),
            said("a>e", Tier.CANDIDATE, reason="hierarchy"),
        ),
    )
    rows = {row["step"]: row["found"] for row in ablation([case], implicit_apart=False)}
    assert list(rows.values()) == [1, 2, 2, 3, 3, 4]
    assert list(rows)[-1] == CANDIDATES


def test_a_reason_of_no_step_is_not_lost() -> None:
    case = Case("one", wanted("a>b"), (said("a>b", reason="something new"),))
    rows = {row["step"]: row["found"] for row in ablation([case], implicit_apart=False)}
    assert rows[OTHERS] == 1


def test_misses_name_both_ends_and_why() -> None:
    case = Case(
        "one",
        wanted("a>b"),
        (said("a>c", Tier.INFERRED, right=False, reason="value"),),
        {"a": ("m.py:3:4 b",)},
    )
    missing, wrong = misses([case])
    assert (missing["miss"], missing["callee"], missing["unresolved"]) == (
        "missing",
        "b",
        ["m.py:3:4 b"],
    )
    assert (wrong["miss"], wrong["tier"], wrong["reason"]) == ("wrong", "inferred", "value")
