"""Queries as an agent writes them, over the shop's graph, with the rows that both stores must give."""

# ruff: noqa: E501 (a query reads best in one line)

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """A query and its rows; the order counts where the query has ORDER BY at its end."""

    name: str
    cypher: str
    rows: list[tuple[Any, ...]]
    params: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def ordered(self) -> bool:
        return "ORDER BY" in self.cypher.rpartition("RETURN")[2]


CASES = [
    Case(
        "module, class, method and field",
        "MATCH (mod:MODULE {name: 'shop.models'}) MATCH (mod)-[:CONTAINS]->(cls:CLASS {name: 'Base'}) "
        "MATCH (cls)-[:HAS_METHOD]->(method:METHOD) MATCH (cls)-[:HAS_FIELD]->(field:FIELD) "
        "RETURN method.name, field.code",
        [("__init__", "self.ident = ident"), ("save", "self.ident = ident")],
    ),
    Case(
        "class reached through its re-export",
        "MATCH (m:MODULE {name: 'shop'})-[c:CONTAINS]->(k:CLASS {name: 'Item'}) RETURN c.via, k.file_path",
        [("import", "shop/models.py")],
    ),
    Case(
        "unlabelled field target",
        "MATCH (c:CLASS {name: 'Item'})-[:HAS_FIELD]->(f) RETURN f.name, f.code, f.class",
        [("amount", "amount: int = 0", "Item"), ("ident", "self.ident = ident", "Base")],
    ),
    Case(
        "own members only",
        "MATCH (c:CLASS {name: 'Item'})-[h:HAS_METHOD {inherited: false}]->(m) RETURN m.name, h.depth",
        [("price", 0), ("save", 0)],
    ),
    Case(
        "method code",
        "MATCH (m:METHOD {name: 'price', class: 'Item'}) RETURN m.code",
        [("return self.amount * RATE",)],
    ),
    Case(
        "regular expression matches the whole string",
        "MATCH (m:MODULE) WHERE m.name =~ '.*models' RETURN m.name",
        [("shop.models",), ("tests.test_models",)],
    ),
    Case(
        "a part of the string does not match",
        "MATCH (m:MODULE) WHERE m.name =~ 'models' RETURN m",
        [],
    ),
    Case(
        "case-insensitive regular expression",
        "MATCH (c:CLASS) WHERE c.name =~ '(?i)b.*' RETURN c.name",
        [("Base",), ("Book",)],
    ),
    Case(
        "relationship types in alternation",
        "MATCH (c:CLASS {name:'Shelf'})-[:HAS_METHOD|HAS_FIELD]->(m) RETURN m.name, labels(m)",
        [("add", ["METHOD"]), ("items", ["FIELD"])],
    ),
    Case(
        "methods of a class or any of its bases",
        "MATCH (c:CLASS {name:'Book'})-[:INHERITS*0..]->(b:CLASS)-[h:HAS_METHOD]->(m:METHOD) "
        "WHERE NOT h.inherited RETURN DISTINCT b.name, m.name",
        [
            ("Book", "price"),
            ("Item", "price"),
            ("Item", "save"),
            ("Base", "__init__"),
            ("Base", "save"),
        ],
    ),
    Case(
        "unknown property is null",
        "MATCH (m:METHOD {name:'add'}) RETURN m.name, m.docstring, m.return_type",
        [("add", None, None)],
    ),
    Case("unknown property in a pattern", "MATCH (c:CLASS {colour: 'red'}) RETURN c.name", []),
    Case(
        "two unknown properties in patterns",
        "MATCH (c:CLASS {colour: 'red'})-[:HAS_METHOD]->(m:METHOD {weight: 3}) RETURN m.name",
        [],
    ),
    Case("unknown label", "MATCH (n:RECORDS {name:'Item'}) RETURN n", []),
    Case(
        "unknown relationship type",
        "MATCH (c:CLASS {name:'Item'})-[:INHERITES]->(b) RETURN b.name",
        [],
    ),
    Case("impossible pair", "MATCH (m:MODULE)-[:HAS_METHOD]->(x:METHOD) RETURN x.name", []),
    Case(
        "labels in alternation",
        "MATCH (n:FUNCTION|METHOD) WHERE n.name IN ['total', 'price'] RETURN n.name, n.class",
        [("price", "Book"), ("price", "Item"), ("total", None)],
    ),
    Case(
        "labels in WHERE",
        "MATCH (n) WHERE (n:FUNCTION OR n:METHOD) AND n.name = 'save' RETURN labels(n)[0] AS l, count(*) AS c",
        [("METHOD", 2)],
    ),
    Case(
        "second label",
        "MATCH (n:TEST) RETURN n.name, labels(n)",
        [("test_price", ["FUNCTION", "TEST"])],
    ),
    Case(
        "label by membership",
        "MATCH (n) WHERE 'INTERFACE' IN labels(n) RETURN n.name",
        [("Shelf",)],
    ),
    Case(
        "names that contain a word, in any case",
        "MATCH (n:CLASS) WHERE toLower(n.name) CONTAINS 'o' RETURN n.name",
        [("Book",)],
    ),
    Case(
        "neighbours with their types",
        "MATCH (m:METHOD {name:'price', class:'Item'})-[r]->(x) RETURN type(r), labels(x), x.name",
        [("USES", ["FIELD"], "amount"), ("USES", ["GLOBAL_VARIABLE"], "RATE")],
    ),
    Case(
        "optional match and collect",
        "MATCH (c:CLASS) OPTIONAL MATCH (c)-[:HAS_FIELD {inherited: false}]->(f:FIELD) "
        "OPTIONAL MATCH (c)-[:INHERITS]->(b:CLASS) RETURN c.name AS name, "
        "collect(DISTINCT f.name) AS fields, collect(DISTINCT b.name) AS bases ORDER BY name",
        [
            ("Base", ["ident"], []),
            ("Book", [], ["Item"]),
            ("Item", ["amount"], ["Base"]),
            ("Shelf", ["items"], []),
        ],
    ),
    Case(
        "map projection",
        "MATCH (m:METHOD {name:'add'}) RETURN m {.name, .signature, .nothing, path: m.file_path} AS m",
        [
            (
                {
                    "name": "add",
                    "signature": "async def add(self, item: Item) -> None",
                    "nothing": None,
                    "path": "shop/models.py",
                },
            )
        ],
    ),
    Case(
        "negated pattern",
        "MATCH (c:CLASS) WHERE c.file_path STARTS WITH 'shop/' AND NOT (c)-[:INHERITS]->() RETURN c.name",
        [("Base",)],
    ),
    Case(
        "exists subquery",
        "MATCH (c:CLASS) WHERE EXISTS { MATCH (c)-[:HAS_METHOD]->(m:METHOD) WHERE m.name = 'save' } RETURN c.name",
        [("Base",), ("Item",)],
    ),
    Case(
        "count subquery",
        "MATCH (c:CLASS) RETURN c.name AS name, COUNT { (c)-[:HAS_METHOD]->() } AS n ORDER BY name",
        [("Base", 2), ("Book", 1), ("Item", 3), ("Shelf", 1)],
    ),
    Case(
        "call subquery",
        "MATCH (c:CLASS {name:'Item'}) CALL { WITH c MATCH (c)-[:HAS_METHOD]->(m) RETURN count(m) AS n } "
        "RETURN c.name, n",
        [("Item", 3)],
    ),
    Case(
        "call subquery with a variable list",
        "MATCH (c:CLASS {name:'Item'}) CALL (c) { MATCH (c)-[:HAS_FIELD]->(f) RETURN count(f) AS n } RETURN n",
        [(2,)],
    ),
    Case(
        "list comprehension",
        "MATCH (c:CLASS {name:'Item'})-[:HAS_METHOD]->(m) WITH c, m ORDER BY m.name "
        "WITH c, collect(m.name) AS ms RETURN [x IN ms WHERE x STARTS WITH 's' | toUpper(x)] AS a",
        [(["SAVE"],)],
    ),
    Case(
        "pattern comprehension",
        "MATCH (c:CLASS {name:'Shelf'}) RETURN c.name, [(c)-[:HAS_METHOD]->(m) | m.name] AS ms",
        [("Shelf", ["add"])],
    ),
    Case(
        "shortest path",
        "MATCH (a:CLASS {name:'Book'}), (b:CLASS {name:'Base'}) "
        "MATCH p = shortestPath((a)-[:INHERITS*..5]->(b)) RETURN length(p)",
        [(2,)],
    ),
    Case(
        "nodes of paths",
        "MATCH p = (c:CLASS {name:'Book'})-[:INHERITS*1..3]->(b:CLASS) RETURN [n IN nodes(p) | n.name] AS chain",
        [(["Book", "Item"],), (["Book", "Item", "Base"],)],
    ),
    Case(
        "union",
        "MATCH (f:FUNCTION {name:'total'}) RETURN f.name AS name, f.file_path AS path UNION "
        "MATCH (c:CLASS {name:'Shelf'}) RETURN c.name AS name, c.file_path AS path",
        [("total", "shop/views.py"), ("Shelf", "shop/models.py")],
    ),
    Case(
        "callers up to depth 3",
        "MATCH (caller)-[:CALLS*1..3]->(m:METHOD {name:'price', class:'Item'}) RETURN DISTINCT caller.name",
        [("price",), ("total",), ("checkout",), ("test_price",)],
    ),
    Case(
        "count, order and limit",
        "MATCH (c:CLASS)-[:HAS_METHOD]->(m:METHOD) WITH c, count(m) AS n WHERE n > 0 "
        "RETURN c.name, n ORDER BY n DESC, c.name SKIP 1 LIMIT 2",
        [("Base", 2), ("Book", 1)],
    ),
    Case(
        "skip and limit by parameter",
        "MATCH (c:CLASS) RETURN c.name ORDER BY c.name SKIP $skip LIMIT $limit",
        [("Book",), ("Item",)],
        {"skip": 1, "limit": 2},
    ),
    Case(
        "case, coalesce and size",
        "MATCH (f:FUNCTION {name:'total'}) RETURN coalesce(f.class, '-') AS k, size(f.name) AS s, "
        "CASE WHEN f.docstring IS NULL THEN 'none' ELSE 'doc' END AS d",
        [("-", 5, "none")],
    ),
    Case(
        "reserved word as property",
        "MATCH (m:METHOD) WHERE m.`class` IN ['Book', 'Shelf'] RETURN m.class, m.name",
        [("Book", "price"), ("Shelf", "add")],
    ),
    Case(
        "any and all over a list property",
        "MATCH (m:METHOD) WHERE any(x IN m.modifiers WHERE x = 'async') RETURN m.name, m.modifiers",
        [("add", ["async", "abstract"])],
    ),
    Case(
        "membership in a list property",
        "MATCH (n) WHERE 'property' IN n.decorators RETURN n.full_name",
        [("shop.models.Item.price",)],
    ),
    Case(
        "unwind of a parameter",
        "UNWIND $names AS name MATCH (c:CLASS {name: name}) RETURN c.name, c.start_line",
        [("Book", 32), ("Item", 14)],
        {"names": ["Item", "Nobody", "Book"]},
    ),
    Case(
        "aggregates",
        "MATCH (c:CLASS) RETURN count(c) AS n, min(c.start_line) AS low, max(c.end_line) AS high, "
        "sum(c.start_line) AS total, avg(c.start_line) AS mean",
        [(4, 3, 50, 91, 22.75)],
    ),
    Case(
        "grouped by file",
        "MATCH (n:FUNCTION) RETURN n.file_path AS path, count(*) AS n ORDER BY n DESC, path",
        [("shop/views.py", 3), ("tests/test_models.py", 1)],
    ),
    Case(
        "relationship in any direction",
        "MATCH (c:CLASS {name:'Book'})--(n) RETURN count(n)",
        [(4,)],
    ),
    Case(
        "unbounded inheritance",
        "MATCH (c:CLASS)-[:INHERITS*]->(b:CLASS {name:'Base'}) RETURN count(DISTINCT c)",
        [(2,)],
    ),
    Case(
        "outside the repository",
        "MATCH (c:CLASS)-[:INHERITS]->(e:EXTERNAL) RETURN c.name, e.full_name",
        [("Shelf", "typing.Protocol")],
    ),
    Case(
        "edge properties",
        "MATCH (a {name:'checkout'})-[r:CALLS]->(b {name:'total'}) RETURN r.sites, r.count, r.tier, r.reason",
        [("7:4:5 8:4:5", 2, "exact", None)],
    ),
    Case(
        "recursion",
        "MATCH (f)-[:CALLS]->(f) RETURN f.name, f.signature",
        [("löschen", "def löschen(größe='groß')")],
    ),
    Case(
        "text with quotes, escapes and emoji",
        "MATCH (f:FUNCTION {name: $name}) RETURN f.code",
        [("return '日本語 🎉 \\' \" ` $x \\n'",)],
        {"name": "löschen"},
    ),
    Case(
        "repository scope",
        "MATCH (n {repo: $repo}) WHERE n.uid IS NOT NULL RETURN labels(n)[0] AS label, count(*) AS n "
        "ORDER BY label",
        [
            ("CLASS", 4),
            ("EXTERNAL", 1),
            ("FIELD", 3),
            ("FUNCTION", 4),
            ("GLOBAL_VARIABLE", 1),
            ("METHOD", 6),
            ("MODULE", 4),
        ],
    ),
    Case(
        "keys",
        "MATCH (e:EXTERNAL) WHERE 'full_name' IN keys(e) AND NOT 'code' IN keys(e) RETURN e.name",
        [("Protocol",)],
    ),
    Case(
        "element id",
        "MATCH (c:CLASS {name:'Item'}) RETURN elementId(c) IS NOT NULL AS e",
        [(True,)],
    ),
    Case(
        "plain values",
        "RETURN 1 AS i, 1.5 AS f, true AS b, null AS n, 'x' AS s, [1, [2, null]] AS l, {a: {b: 1}} AS m",
        [(1, 1.5, True, None, "x", [1, [2, None]], {"a": {"b": 1}})],
    ),
    Case(
        "a comment, a keyword in a string and a trailing semicolon",
        "MATCH (c:CLASS) /* DELETE c */ WHERE c.name <> 'CREATE (n)' // SET c.x = 1\n"
        "RETURN count(c) AS n;",
        [(4,)],
    ),
]
