"""Scores of written code, each a pure function that names the formula it follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import kwlist
from math import comb
from statistics import fmean
from typing import TYPE_CHECKING

from indexer.languages import SUFFIXES, language

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_LINE_COMMENT = re.compile(r"#[^\n]*|//[^\n]*")
_TRIPLE = re.compile(r"\"\"\".*?\"\"\"|'''.*?'''", re.DOTALL)
_IDENTIFIER = re.compile(r"[_a-zA-Z]\w*")
_JAVA_KEYWORDS = (
    "abstract assert boolean break byte case catch char class continue default do double else enum "
    "extends final finally float for if implements import instanceof int interface long native new "
    "package private protected public return short static strictfp super switch synchronized this "
    "throw throws transient try void volatile while var const goto"
)
_KEYWORDS: dict[str, frozenset[str]] = {
    "python": frozenset(kwlist) - {"True", "False"},
    "java": frozenset(_JAVA_KEYWORDS.split()),
}


def pass_at_k(n: int, correct: int, k: int) -> float:
    """The chance that one of k out of n samples is right: 1 - C(n-c, k) / C(n, k).

    The unbiased estimator of HumanEval (arXiv 2107.03374, section 2.1), which EvoCodeBench and
    DevEval use. Raises ValueError unless 0 <= correct <= n and 1 <= k <= n.
    """
    if not 0 <= correct <= n or not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {n} samples, {correct} right, is not defined")
    return 1.0 - comb(n - correct, k) / comb(n, k)


def recall_at_k(
    reference: Collection[str], completions: Sequence[Collection[str]], k: int
) -> float:
    """EvoCodeBench's Recall@k: the best of the first k completions' |ref & found| / |ref|.

    Raises ValueError for a record without references, which the benchmark leaves out.
    """
    wanted = set(reference)
    if not wanted:
        raise ValueError("a record without reference dependencies has no recall")
    return max((len(wanted & set(found)) / len(wanted) for found in completions[:k]), default=0.0)


def edit_similarity(prediction: str, target: str) -> int:
    """CrossCodeEval's ES, 0 to 100: `fuzz.ratio` of both, stripped, rounded as its authors do.

    200 * M / (|a| + |b|), M being the length of the longest common subsequence.
    """
    from rapidfuzz.fuzz import ratio

    first, second = prediction.strip(), target.strip()
    return round(ratio(first, second)) if first or second else 100


def filled_similarity(prediction: str, target: str) -> int:
    """ExecRepoBench's ES, 0 to 100: as above, without triple-quoted texts and blank lines."""
    texts = (_TRIPLE.sub("", text) for text in (prediction, target))
    first, second = ("\n".join(x for x in t.split("\n") if x.strip()) for t in texts)
    return edit_similarity(first, second)


def without_comments(code: str) -> str:
    """CrossCodeEval's `remove_comments`: the rest of a line from `#` or `//` on is taken away."""
    return _LINE_COMMENT.sub("", code)


def code_lines(code: str) -> list[str]:
    """Lines as CrossCodeEval compares them: stripped, blank ones dropped."""
    return [line.strip() for line in code.split("\n") if line.strip()]


def identifiers(code: str, language_name: str) -> list[str]:
    """CrossCodeEval's identifiers, in order and repeated: no strings, no keywords."""
    keywords = _KEYWORDS.get(language_name, frozenset())
    return [word for word in _IDENTIFIER.findall(_STRING.sub("", code)) if word not in keywords]


@dataclass(frozen=True, slots=True)
class Match:
    """CrossCodeEval's scores of one completion, 0 to 1; es 0 to 100."""

    em: int
    es: int
    id_em: int
    id_precision: float
    id_recall: float
    id_f1: float


def match(prompt: str, prediction: str, target: str, language_name: str) -> Match:
    """Score a completion as CrossCodeEval's `eval_metric.py` does.

    The prediction is cut to one statement; comments go from both; lines are compared in order.
    Identifiers agree exactly as lists, and in precision, recall and F1 as sets.
    """
    found = without_comments(one_statement(prompt, prediction, language_name))
    gold = without_comments(target)
    said, wanted = identifiers(found, language_name), identifiers(gold, language_name)
    both = len(set(said) & set(wanted))
    total = len(set(said)) + len(set(wanted))
    return Match(
        em=int(code_lines(found) == code_lines(gold)),
        es=edit_similarity(found, gold),
        id_em=int(said == wanted),
        id_precision=both / len(set(said)) if said else 0.0,
        id_recall=both / len(set(wanted)) if wanted else 0.0,
        id_f1=2 * both / total if total else 0.0,
    )


def one_statement(prompt: str, completion: str, language_name: str) -> str:
    """CrossCodeEval's cut: in Python the first lines after which all parses, else to `;{}`."""
    if language_name != "python":
        end = re.search(r"[;{}]", completion[1:])
        return completion[: end.end() + 1] if end else completion
    for found in re.finditer(r"\n", completion):
        head = completion[: found.start()]
        if head and parses(prompt + head, "python"):
            return head.rstrip()
    return completion


def parses(code: str, language_name: str) -> bool:
    """Whether a parser finds no error in it."""
    tree = language(language_name).parse(code.encode())
    return not getattr(tree, "root_node").has_error  # noqa: B009 - only the indexer knows its type


def language_of(path: str) -> str | None:
    """The indexed language of a file, by its suffix."""
    return SUFFIXES.get("." + path.rpartition(".")[2].lower())


def macro_mean(values: Mapping[str, Sequence[float]]) -> float | None:
    """The mean of the groups' means, so that one large repository does not decide."""
    means = [fmean(group) for group in values.values() if group]
    return fmean(means) if means else None
