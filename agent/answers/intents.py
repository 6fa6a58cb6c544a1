"""What can be asked without a model: one row an intent, the first pattern that fits decides.

`agent.answers.phrases` says how patterns are read. The order matters: what is more particular
stands above what would swallow it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.answers import explain, hierarchies, relations, repository, search
from agent.answers.answer import GraphAnswer, Row, Section
from agent.answers.asked import Asked
from agent.answers.phrases import match, tidy
from agent.answers.subjects import UnclearNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.answers.ground import Ground


_FEW = 4
"""Meanings of a name for each of which a question is answered; with more it is asked back."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One kind of question. help: how to ask it. phrases: its patterns, one a line."""

    name: str
    help: str
    answer: Callable[[Asked], GraphAnswer]
    phrases: str

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns without the indentation of their lines."""
        return tuple(line.strip() for line in self.phrases.strip().splitlines())


def _help(_: Asked) -> GraphAnswer:
    """How to ask each kind of question."""
    rows = tuple(Row(intent.help) for intent in INTENTS)
    return GraphAnswer("What can be asked without a model", (Section("", rows=rows),))


INTENTS: tuple[Intent, ...] = (
    Intent(
        "help",
        "help",
        _help,
        r"""
        help|examples
        what can i|you ask|do|answer [here]
        """,
    ),
    Intent(
        "path",
        "how do I get from X to Y",
        relations.path,
        r"""
        how do|can|does i|we|you|one|it get|come|go from {x} to {y}
        how <do> {x} (get|come) to|into {y}
        how <do> {x} (reach|call|use|lead to|end up in|end up at) {y}
        how is|are {x} connected|related|linked to {y}
        [(is there)|(what is)] [the|a|any] [shortest] [call] <way> from|between {x} to|and {y}
        <do> {x} [ever] (call|reach|use|get to|end up in) {y}
        is {y} [ever] reachable|called|reached|used from|by {x}
        from {x} to {y}
        """,
    ),
    Intent(
        "tests",
        "which tests cover X",
        relations.tests,
        r"""
        which|what|(how many) tests? [<do>] <cover> {x}
        which|what tests? (are there|exist) for {x}
        [the] [unit] tests? that|which <cover> {x}
        where|how is|are {x} tested|covered|exercised
        where|what|which is|are [the] [unit] tests? of|for|covering|(that cover)|on {x}
        [the] [unit] tests? of|for|covering|(that cover)|on|against {x}
        is|are {x} [ever|well] tested|covered [(by|in) (a |any )?tests?]
        is|are there [a|any] [unit] tests? of|for|covering {x}
        who|what tests {x}
        [test] coverage of|for {x}
        """,
    ),
    Intent(
        "impact",
        "what breaks if X changes",
        relations.breaks,
        r"""
        what [else] [<will>] <break> if|when [i|we|you|someone|somebody] <change> {x}
        what [else] [<will>] <break> if|when {x} [is|gets|were|was] <change>
        [what is] [the] impact|effects?|(blast radius) of|on [a] [<change>] [to|in|of] {x}
        impact [analysis] [of|for|on] {x}
        [is it] safe|ok|okay|dangerous|risky to <change> {x}
        can|may|should i|we|you [safely] <change> {x}
        what <will>|does|do <change> {x} [do|break|affect|change]
        what [<will>] <change> {x} breaks?|affects?
        who|what|(which \w+) depends?|relies|rely on {x}
        [the] [reverse] dependants|dependents|(reverse dependencies) of {x}
        """,
    ),
    Intent(
        "callers",
        "who calls X",
        relations.callers,
        r"""
        <who> [is|are|would|can|could] <call> {x}
        [the] [direct] callers?|(incoming calls)|(call sites)|calls of|for|to {x}
        where|when is|are|was|does|do {x} [being|get] <called>
        is|are {x} [ever|still] <called> [(at all)|anywhere]
        how many callers does|do {x} have
        callers {x}
        what|who is {x} <called> by
        how (many times)|often is {x} <called>
        """,
    ),
    Intent(
        "callees",
        "what does X call",
        relations.callees,
        r"""
        what|who|(which \w+) <do>|<will> {x} [itself] call|invoke|run|execute|create|instantiate
        what|(which \w+) is|are|gets|get <called> by|from|inside|in {x}
        [the] callees|(outgoing calls) [of|for|from] {x}
        calls from|in|(made (by|in|from)) {x}
        what happens (in|(when|if) (i|we|you) (call|run|invoke)) {x}
        """,
    ),
    Intent(
        "importers",
        "what imports M",
        relations.importers,
        r"""
        who|what|(which \w+) [is|are] imports?|importing {x}
        where|(is it|is there anything) is|are {x} imported
        [the] importers of {x}
        is {x} [ever] imported [anywhere]
        """,
    ),
    Intent(
        "imports",
        "what does M import",
        relations.imports,
        r"""
        what|(which \w+) <do> {x} import|need|(depend on)|(rely on)
        [the] imports|dependencies of|in|for {x}
        what is imported by|in {x}
        """,
    ),
    Intent(
        "references",
        "who uses X",
        relations.references,
        r"""
        <who> [is|are|still] <use> {x}
        [the] references|usages?|uses|occurrences|mentions|users of|to|for {x}
        where|how is|are|does|do {x} [being|get] <used>
        is|are {x} [ever|still] <used> [(at all)|anywhere]
        how (many times)|often is {x} <used>
        refs [of|to] {x}
        [every|all] [the] places? where {x} is|are <used>
        """,
    ),
    Intent(
        "hierarchy",
        "hierarchy of X",
        hierarchies.hierarchy,
        r"""
        [what is] [the] [class|type|inheritance] hierarchy|tree of|for|around {x}
        [class|type|inheritance] hierarchy {x}
        """,
    ),
    Intent(
        "overrides",
        "which classes override X.m",
        hierarchies.overrides,
        r"""
        who|what|(which \w+) overrides?|redefines?|reimplements? {x}
        [the] overrides|(overriding methods)|reimplementations of|for {x}
        is|are|where [is|are] {x} [ever] overridden [anywhere]
        """,
    ),
    Intent(
        "overridden",
        "what does X.m override",
        hierarchies.overridden,
        r"""
        what|(which \w+) <do> {x} override
        <do> {x} override anything|something
        """,
    ),
    Intent(
        "superclasses",
        "what does X inherit",
        hierarchies.superclasses,
        r"""
        what|who|(which \w+)|(from what) <do> {x} inherit|extend|implement|subclass|derive [from]
        what is|are [the] <base> of|for {x}
        [the] <base> of|for {x}
        what is {x} derived|inherited|(a subclass)|(a child) from|of
        (what|which) <base> <do> {x} have
        """,
    ),
    Intent(
        "subclasses",
        "subclasses of X",
        hierarchies.subclasses,
        r"""
        who|what|(which \w+) [is|are] <inherit> {x}
        [the|all] [direct|known] <derived> of|for {x}
        how many <derived> <do> {x} have
        is|are {x} [ever] subclassed|extended|implemented [anywhere]
        """,
    ),
    Intent(
        "having",
        "which classes have a method M",
        relations.having,
        r"""
        which|what <class> has|have|<define> [a|an|the] {x}
        <class> with|having|defining|((that|which) (have|<define>)) [a|an|the] {x}
        who has|<define> {x}
        """,
    ),
    Intent(
        "count",
        "how many classes are there in FOLDER",
        repository.counts,
        r"""
        how many {what:thing} [<exist>] in|below|under [the] [folder|file|module] {x:path}
        how many {what:thing} [<exist>] [in|of] [this|the|total|all] [<repository>] [has|have]
        [the] number|count of {what:thing} [in] [this|the] [<repository>]
        """,
    ),
    Intent(
        "members",
        "members of X",
        relations.members,
        r"""
        what|which|(how many) [public] <member> <do>|(are (in|there in|on)) {x} [has|have|<define>]
        what|which [public] <member> has|have {x}
        [the] [public] <member>|api of|in|on|for {x}
        what can {x} do
        what <do> {x} have|<define>
        """,
    ),
    Intent(
        "unused",
        "unused code in FILE",
        repository.unused,
        r"""
        [is there] [any] unused|dead <code> in|of|below [the] [file|folder|module] {x:path}
        what|(which \w+) is|are <unused> in|below [the] [file|folder|module] {x:path}
        [is there] [any] unused|dead <code>
        what|(which \w+) is|are <unused>
        """,
    ),
    Intent(
        "cycles",
        "import cycles",
        repository.cycles,
        r"""
        [find|((are|is) there)] [any|the] <cycle> [in|of|below] [{x:path}]
        [find|((are|is) there)] [any|the] <cycle> in this|the <repository>
        which|what modules import each other
        """,
    ),
    Intent(
        "entry points",
        "entry points",
        repository.entry_points,
        r"""
        [(what|where|which) (is|are)] [the|its|all] [main] <start> [of|in] [this|the] [<repository>]
        where|how does|do|is|are it|this|the [<repository>] start|begin|started|launched|run
        where do programs start
        """,
    ),
    Intent(
        "overview",
        "overview of the repository",
        repository.whole,
        r"""
        [what is] [an|the|a] [short|quick] <shape> [of|over] [this|the|our] [whole] [<repository>]
        what is|does this|the <repository> [is] [do|about|for]
        explain|describe|summari[sz]e this|the|our [whole] <repository>
        how is it|this|the [<repository>] organi[sz]ed|structured|built|(laid out)
        what is in|inside here|this|the [<repository>]
        what <repository> is this
        [(what|which) (is|are)] [the] most|largest|biggest [used|called|important|central] <code>
        """,
    ),
    Intent(
        "contents",
        "what is in FOLDER or FILE",
        explain.contents,
        r"""
        what [all|else] is|are|lives|(do we have) [defined|there] in|inside|below|under|within {x}
        [the] contents?|<shape> of|for {x}
        what does [the] file|folder|module|directory|package {x} contain|define|hold|have
        outline {x}
        """,
    ),
    Intent(
        "about",
        'where is the code about "some words"',
        search.about,
        r"""
        where|which|what is|are [the|any|some] <code> <about> {words*}
        what|which <code> (is <about>)|(deals with)|handles?|does|implements?|is {words*}
        [find] [the] <code> <about> {words*}
        search|grep|look [for] {words*}
        where do we|you|they|i {words*}
        """,
    ),
    Intent(
        "where",
        "where is X",
        explain.where,
        r"""
        where is|are|was|does|do|((can|do|would) (i|we|you) find) {x} [<defined>]
        where {x} is|lives|(comes from) [defined]
        [the] definition|declaration|location|implementation of {x}
        [in] which|what <place> is|has|does|<define> {x} [<defined>] [in|to]
        find|locate|goto|open|((go|jump) to) [the] [definition of] {x}
        is there {x}
        """,
    ),
    Intent(
        "explain",
        "what is X, explain X, what does X do",
        explain.explain,
        r"""
        what is the purpose|meaning|point|job|role|use|<text> of {x}
        what|who is|are|was {x} [do|doing|for|about|(used for)|(good for)]
        what <do>|will|would {x} do|mean|return|take|accept|expect|raise|give|produce|(stand for)
        how {x} works?|(is (implemented|defined|done))
        explain|describe|document|summari[sz]e|define [how|what] [(to me)] {x} [works?|do|does|is]
        how does|do|is|are {x} work|function|implemented|defined|behave|done
        [the|its|more] <text> of|for|on|about {x}
        what|which <parameters> <do> {x} take|have|accept|need|expect
        what|which exceptions?|errors? <do> {x} raise|throw
        [the] <parameters> of|for {x}
        how do|can|should|would i|we|you|one call|use|run|invoke {x}
        [everything|all] about {x}
        {x}
        """,
    ),
)


def read(question: str) -> tuple[Intent, Mapping[str, str]] | None:
    """The intent of a question and the words in its holes; None where it fits none."""
    text = tidy(question)
    for intent in INTENTS:
        for pattern in intent.patterns:
            words = match(pattern, text)
            if words is not None:
                return intent, words
    return None


def ask(ground: Ground, question: str) -> GraphAnswer:
    """Answer a question in plain English from the graph."""
    understood = read(question if question.strip() else "help")
    if understood is None:
        note = "No kind of question that the graph knows fits this, so it was searched for."
        return search.search_answer(ground, question.strip(), note)
    intent, words = understood
    return _answer(intent, Asked(ground, question, words))


def _answer(intent: Intent, asked: Asked) -> GraphAnswer:
    try:
        return intent.answer(asked)
    except UnclearNameError as unclear:
        if 1 < len(unclear.meant) <= _FEW:
            return _for_each(intent, asked, unclear)
        # Where a name stands is answered by its list.
        is_found = intent.answer is explain.where and bool(unclear.meant)
        return replace(unclear.answer, is_found=is_found)


def _for_each(intent: Intent, asked: Asked, unclear: UnclearNameError) -> GraphAnswer:
    """The question answered for each thing that a name may mean."""
    sections: list[Section] = []
    is_found = False
    for subject in unclear.meant:
        found = _answer(intent, replace(asked, meant={**asked.meant, unclear.hole: subject}))
        first, *rest = found.sections or (Section(""),)
        title = f"{found.title}, {found.sections[0].heading}" if first.heading else found.title
        sections += [replace(first, heading=title), *rest]
        is_found |= found.is_found
    return GraphAnswer(unclear.answer.title, tuple(sections), is_found=is_found)
