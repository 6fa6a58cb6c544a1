"""What a call leads to: where its method is looked for, which overload is meant, what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, Op
from indexer.languages.java.functional import Functional
from indexer.languages.java.members import Member
from indexer.languages.java.searches import Search, Searches
from indexer.languages.java.types import (
    ARRAY,
    CLASS,
    FUNCTION,
    Bindings,
    ext,
    spread,
    substitute,
    upper,
)

if TYPE_CHECKING:
    from indexer.languages.java.evaluator import Evaluator
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import Key, Method, Type


class Resolved(NamedTuple):
    """What a call means.

    methods: what may run, usually one. owner: the class of an instance creation. receiver: the
    static type of the object whose class decides what runs; None where nothing else can run. type_:
    the type of the result. given: declared types of the parameters, by argument. outside: a name
    outside the repository, "" for an unknown one, None where the call stays inside. member, on: the
    method as a member of what it is called on.
    """

    methods: tuple[Method, ...] = ()
    owner: Key | None = None
    receiver: Type | None = None
    type_: Type | None = None
    given: tuple[Type | None, ...] = ()
    reason: str = ""
    is_sure: bool = True
    outside: str | None = None
    member: Member | None = None
    on: Type | None = None

    def wanted(self, position: int) -> Type | None:
        """The type that an argument is given for."""
        return self.given[position] if position < len(self.given) else None


class Calls:
    """Resolves calls, creations and method references; stateless, so it serves all files."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._searches = Searches(rules)
        self._functional = Functional(rules, self._searches)

    def resolve(self, at: Evaluator, expr: int) -> Resolved | None:
        """What an expression of one of these kinds leads to."""
        row = at.exprs[expr]
        if row[0] == Op.NEW:
            return self._creation(at, row)
        if row[0] == Op.METHOD_REF:
            return self._reference(at, expr, row)
        if row[0] != Op.CALL or row[1] == NONE:
            return None
        callee = at.exprs[row[1]]
        if callee[0] == Op.NAME and callee[2] in {"this", "super"}:
            return self._delegation(at, callee, row)
        name = callee[2]
        search = (
            self._searches.unqualified(at, callee)
            if callee[0] == Op.NAME
            else self._searches.qualified(at, callee)
        )
        return self._chosen(at, search, row, name)

    # Which one is meant

    def _chosen(
        self, at: Evaluator, search: Search, row: tuple[Any, ...], name: str
    ) -> Resolved | None:
        if not search.members:
            if search.outside is None:
                return None
            return Resolved(reason=search.reason, outside=search.outside)
        given = [at.given(e) for e in row[2]]
        choice = self._rules.overloads.choose(
            search.members, search.receiver, given, self._functional.fits(at)
        )
        if not choice.members:
            return Resolved(outside="") if search.outside is not None else None
        first = choice.members[0]
        methods = tuple(m.method for m in choice.members)
        type_, wanted = self._result(at, first, search.receiver, given, row)
        if len(choice.members) > 1:
            others = [self._result(at, m, search.receiver, given, row)[0] for m in choice.members]
            type_ = type_ if all(o == type_ for o in others) else None
        if not row[2] and name in _OF_RECEIVER:
            type_ = _OF_RECEIVER[name](search.receiver, type_)
        virtual = search.is_virtual and not first.method.is_static
        return Resolved(
            methods,
            None,
            search.receiver if virtual else None,
            type_,
            wanted,
            search.reason,
            choice.is_sure and search.is_sure,
            None,
            first if len(methods) == 1 else None,
            search.receiver,
        )

    def _declared(
        self, member: Member, receiver: Type | None, given: list[Type | None]
    ) -> tuple[list[Type | None], Type | None]:
        """The parameters and the result of a method as a member of what it is called on."""
        classes, method = self._rules.classes, member.method
        bindings: Bindings = {}
        if member.view[2] and receiver is not None and receiver[0] == CLASS:
            outer = classes.captured(receiver)
            view = classes.bindings(member.view)
            bindings = {name: substitute(t, outer) for name, t in view.items()}
        declared = [substitute(p, bindings) for p in spread(method, given)]
        return declared, substitute(method.result, bindings)

    def _result(
        self,
        at: Evaluator,
        member: Member,
        receiver: Type | None,
        given: list[Type | None],
        row: tuple[Any, ...],
    ) -> tuple[Type | None, tuple[Type | None, ...]]:
        """The type of a call's result, and the types declared for its arguments."""
        method = member.method
        declared, result = self._declared(member, receiver, given)
        if not method.variables:
            return result, tuple(declared)
        owner, found = method.generic, Bindings()
        explicit = [at.written(e) for key, e in row[3] if key == "<"] if row[0] == Op.CALL else []
        if explicit:
            found.update({(owner, n): t for n, t in zip(method.variables, explicit, strict=False)})
        else:
            self._infer((declared, given), owner, found)
        for name in method.variables:
            found.setdefault((owner, name), None)
        return substitute(result, found), tuple(substitute(p, found) for p in declared)

    def _infer(
        self,
        matched: tuple[list[Type | None], list[Type | None]],
        owner: object,
        found: Bindings,
    ) -> None:
        """Learn what the type parameters of a method stand for from its arguments."""
        for wanted, given in zip(*matched, strict=False):
            if given is None or given[0] != FUNCTION:
                self._rules.inference.match(wanted, given, owner, found)

    def type_of(self, at: Evaluator, expr: int) -> Type | None:
        """The type of a call's result.

        What lambdas return is looked at here only: their parameters ask what the call means.
        """
        resolved = at.call(expr)
        if resolved is None:
            return None
        member, row = resolved.member, at.exprs[expr]
        if member is None or not member.method.variables or row[3]:
            return upper(resolved.type_)
        given = [at.given(e) for e in row[2]]
        if not any(t is not None and t[0] == FUNCTION for t in given):
            return upper(resolved.type_)
        declared, result = self._declared(member, resolved.on, given)
        owner, found = member.method.generic, Bindings()
        self._infer((declared, given), owner, found)
        for wanted, argument in zip(declared, given, strict=False):
            if argument is not None and argument[0] == FUNCTION:
                function = self._rules.inference.function(wanted)
                if function is not None:
                    told = self._told(at, argument[1])
                    self._rules.inference.match(function[1], told, owner, found)
        for name in member.method.variables:
            found.setdefault((owner, name), None)
        return upper(substitute(result, found))

    def _told(self, at: Evaluator, expr: int) -> Type | None:
        """What a lambda or method reference returns."""
        row = at.exprs[expr]
        if row[0] == Op.METHOD_REF:
            resolved = at.call(expr)
            return None if resolved is None else upper(resolved.type_)
        return at.joined(row[4])

    # Creations

    def _delegation(
        self, at: Evaluator, callee: tuple[Any, ...], row: tuple[Any, ...]
    ) -> Resolved | None:
        """`this(…)` and `super(…)`."""
        key = at.class_at(callee[1])
        if key is None:
            return None
        own: Type | None = self._rules.classes.own_type(key)
        if callee[2] == "super":
            own = at.superclass(key)
        if own is None or own[0] != CLASS:
            return None
        return self._constructed(at, own, row, "self" if callee[2] == "this" else "super")

    def _constructed(
        self, at: Evaluator, type_: Type, row: tuple[Any, ...], reason: str
    ) -> Resolved | None:
        key = type_[1]
        if key[0] == "ext":
            return Resolved(type_=type_, outside=f"{key[1]}.<init>", reason=reason)
        members = [
            Member(m, self._rules.classes.own_type(key))
            for m in self._rules.classes.constructors(key)
        ]
        if not members:
            return Resolved((), key, None, type_, (), reason)
        given = [at.given(e) for e in row[2]]
        choice = self._rules.overloads.choose(members, type_, given, self._functional.fits(at))
        if not choice.members:
            return Resolved((), key, None, type_, (), reason, is_sure=False)
        found, wanted = self._created(choice.members[0], type_, given)
        methods = tuple(m.method for m in choice.members)
        return Resolved(methods, key, None, found, wanted, reason, choice.is_sure)

    def _created(
        self, member: Member, type_: Type, given: list[Type | None]
    ) -> tuple[Type, tuple[Type | None, ...]]:
        """The type of a new object; the arguments of `<>` are told by those of the constructor."""
        classes, key = self._rules.classes, type_[1]
        declared = list(spread(member.method, given))
        names = classes.declared(key).variables
        bindings = classes.bindings(type_)
        if names and not bindings:
            found: Bindings = {}
            self._infer((declared, given), key, found)
            if found:
                bindings = {(key, n): found.get((key, n)) for n in names}
                type_ = (CLASS, key, tuple(bindings[key, n] for n in names))
        return type_, tuple(substitute(p, bindings) for p in declared)

    def _creation(self, at: Evaluator, row: tuple[Any, ...]) -> Resolved | None:
        type_ = at.written(row[1])
        if row[3] != NONE and (type_ is None or type_[1][0] == "ext"):
            type_ = self._inner(at, row) or type_
        if type_ is None or type_[0] != CLASS:
            return None
        resolved = self._constructed(at, type_, row, self._written_reason(at, row[1]))
        if row[4] and resolved is not None:
            own = ("cls", at.path, int(row[4]))
            return resolved._replace(owner=own, type_=(CLASS, own, ()), on=type_, outside=None)
        return resolved

    def _inner(self, at: Evaluator, row: tuple[Any, ...]) -> Type | None:
        """`outer.new Inner()` looks for the class in the outer object's."""
        outer = self._rules.conversions.bounded(at.type_(row[3]))
        named = at.exprs[row[1]]
        if outer is None or outer[0] != CLASS or named[0] != Op.NAME:
            return None
        found = self._rules.names.member(outer[1], named[2])
        return None if found is None else (CLASS, found, ())

    def _written_reason(self, at: Evaluator, expr: int) -> str:
        row = at.exprs[expr]
        while row[0] in {Op.ITEM, Op.ATTR} and row[1] != NONE:
            row = at.exprs[row[1]]
        return "import" if row[0] == Op.NAME and row[2] in at.index.imports else "scope"

    # Method references

    def _reference(self, at: Evaluator, expr: int, row: tuple[Any, ...]) -> Resolved | None:
        search = self._functional.referred(at, row)
        if search is None:
            return None
        owner = search.receiver[1] if row[2] == "new" and search.receiver is not None else None
        if not search.members:
            if owner is not None and owner[0] == "cls":
                return Resolved((), owner, None, search.receiver, (), search.reason)
            return None if search.outside is None else Resolved(outside=search.outside)
        chosen, is_sure = self._fitting(at, expr, row, search)
        if not chosen:
            return None
        method = chosen[0].method
        virtual = search.is_virtual and not method.is_static and owner is None
        result = (
            search.receiver
            if owner is not None
            else self._result(at, chosen[0], search.receiver, [], (Op.METHOD_REF,))[0]
        )
        return Resolved(
            tuple(m.method for m in chosen),
            owner,
            search.receiver if virtual else None,
            result,
            (),
            search.reason,
            is_sure,
        )

    def _fitting(
        self, at: Evaluator, expr: int, row: tuple[Any, ...], search: Search
    ) -> tuple[tuple[Member, ...], bool]:
        """The methods of a reference that fit the functional interface it is for."""
        members = search.members
        if len(members) == 1:
            return members, True
        function = self._rules.inference.function(at.wanted(expr))
        if function is None:
            return (members, False) if len(members) <= 3 else ((), False)
        given = [upper(t) for t in function[0]]
        on_type = self._functional.is_type(at, row[1]) and row[2] != "new"
        direct = [m for m in members if not on_type or m.method.is_static]
        choose = self._rules.overloads.choose
        first = choose(direct, search.receiver, given, self._functional.fits(at))
        if on_type and given:
            through = [m for m in members if not m.method.is_static]
            second = choose(through, search.receiver, given[1:], self._functional.fits(at))
            if second.members and not first.members:
                return second.members, second.is_sure
        return first.members, first.is_sure


def _class_of(receiver: Type | None, _declared: Type | None) -> Type | None:
    """`getClass` is declared for any class and means this one."""
    return ext("java.lang.Class", receiver)


def _copy_of(receiver: Type | None, declared: Type | None) -> Type | None:
    """`clone` of an array is such an array."""
    return receiver if receiver is not None and receiver[0] == ARRAY else declared


_OF_RECEIVER = {"getClass": _class_of, "clone": _copy_of}
"""Methods whose result hangs on what they are called on, beyond what their declarations say."""
