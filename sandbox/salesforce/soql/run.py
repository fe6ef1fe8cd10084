"""Runs a query over the records: fields are looked up, rows filtered, ordered, cut and rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.salesforce import ids, render
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import OBJECTS, Field, SObject, find_object
from sandbox.salesforce.records import Record, Records, object_of
from sandbox.salesforce.soql.parse import Comparison, Condition, Group, Not, Query, parse
from sandbox.salesforce.soql.tokens import Token, malformed, plain, pointed
from sandbox.salesforce.soql.where import test_of

Path = list[Field]
Predicate = Callable[[Record], bool]
MOST_LEVELS = 5
REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."
APPEND = "If you are attempting to use a custom {0}, be sure to append the '{1}' after the {2} name."
NO_OBJECT = f"sObject type '{{0}}' is not supported. {APPEND.format('object', '__c', 'entity')} {REFERENCE}"
NO_COLUMN = f"No such column '{{0}}' on entity '{{1}}'. {APPEND.format('field', '__c', 'custom field')} {REFERENCE}"
CUSTOM = APPEND.format("relationship", "__r", "custom relationship")
NO_PARENT = f"Didn't understand relationship '{{0}}' in field path. {CUSTOM} {REFERENCE}"
NO_CHILD = f"Didn't understand relationship '{{0}}' in FROM part of query call. {CUSTOM}"
LINK_FILTER = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or"
    " LinkedEntityId using the equals operator or multiple Id's using the IN operator."
)


def run(records: Records, soql: str, root: str, *, deleted: bool = False) -> tuple[int, list[Record]]:
    """How many rows there are, and all of them rendered; none when only counting. Raises: Refusal."""
    query = parse(soql)
    sobject = find_object(query.source.text)
    if sobject is None:
        words = NO_OBJECT.format(query.source.text)
        raise Refusal("INVALID_TYPE", pointed(soql, query.source.at, words))
    _check_link_filter(query, sobject)
    found = _Run(records, query, sobject, root).rows(deleted=deleted)
    return len(found), [] if query.counting else found


class _Run:
    def __init__(self, records: Records, query: Query, sobject: SObject, root: str) -> None:
        self._records, self._query, self._sobject, self._root = records, query, sobject, root
        self._seen: dict[str, Record | None] = {}

    def rows(self, *, deleted: bool = False, narrowed: tuple[str, str] | None = None) -> list[Record]:
        query = self._query
        paths = [self._path(token) for token in query.fields]
        self._no_doubles(paths)
        children = [_child_of(query, self._sobject, child) for child in query.children]
        holds = self._predicate(query.where) if query.where else lambda record: True
        order = [(self._path(token), descending, last) for token, descending, last in query.order]
        chosen = [one for one in self._candidates(narrowed) if (deleted or not one["IsDeleted"]) and holds(one)]
        for path, descending, last in reversed(order):
            chosen = self._sorted(chosen, path, descending, last)
        chosen = chosen[query.offset :][: query.limit]
        if query.counting:
            return chosen
        rendered = [self._row(record, paths) for record in chosen]
        for row, record in zip(rendered, chosen, strict=True):
            for child, (sobject, field) in zip(query.children, children, strict=True):
                below = _Run(self._records, child, sobject, self._root).rows(narrowed=(field.name, record["Id"]))
                result = {"totalSize": len(below), "done": True, "records": below}
                row[field.child] = result if below else None
        return rendered

    def _candidates(self, narrowed: tuple[str, str] | None) -> list[Record]:
        """Ids and references that the condition asks for by = or IN are looked up in SQL first."""
        sql, values = "", []
        for name, wanted in [*([(narrowed[0], [narrowed[1]])] if narrowed else []), *self._asked_ids()]:
            column = "id" if name == "Id" else f"json_extract(fields, '$.{name}')"
            sql += f" AND {column} IN ({', '.join('?' * len(wanted))})"
            values += wanted
        return self._records.all(self._sobject, sql, values)

    def _asked_ids(self) -> Iterator[tuple[str, list[str]]]:
        for part in _required_parts(self._query):
            if not isinstance(part, Comparison) or part.operator not in ("=", "IN"):
                continue
            field = self._sobject.find(part.path.text)
            normals = [ids.normal(plain(token.text)) for token in part.values if token.kind == "string"]
            found = [normal for normal in normals if normal is not None]
            if field is not None and field.type in ("id", "reference") and len(found) == len(part.values):
                yield field.name, found

    def _no_doubles(self, paths: list[Path]) -> None:
        names = [".".join(field.name for field in path) for path in paths]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise Refusal("INVALID_FIELD", f"duplicate field selected: {twice}")

    def _path(self, token: Token) -> Path:
        """`Account.Owner.Name` as the reference fields to follow and the field at the end."""
        *steps, last = token.text.split(".")
        sobject, path = self._sobject, []
        if steps and steps[0].lower() == self._sobject.name.lower() and self._sobject.parent(steps[0]) is None:
            steps = steps[1:]
        if len(steps) > MOST_LEVELS:
            raise malformed(self._query.soql, token.at, "No more than 5 relationship levels are allowed in a path")
        for step in steps:
            field = sobject.parent(step)
            if field is None or field.target == "*":
                words = NO_PARENT.format(step)
                raise Refusal("INVALID_FIELD", pointed(self._query.soql, token.at, words))
            path.append(field)
            sobject = OBJECTS[field.target]
        found = sobject.find(last)
        if found is None:
            words = NO_COLUMN.format(last, sobject.name)
            raise Refusal("INVALID_FIELD", pointed(self._query.soql, token.at, words))
        return [*path, found]

    def _predicate(self, condition: Condition) -> Predicate:
        if isinstance(condition, Not):
            inner = self._predicate(condition.inner)
            return lambda record: not inner(record)
        if isinstance(condition, Group):
            parts = [self._predicate(part) for part in condition.parts]
            every = all if condition.word == "AND" else any
            return lambda record: every(part(record) for part in parts)
        path = self._path(condition.path)
        test = test_of(self._query.soql, condition, path[-1], self._records.clock.today())
        return lambda record: test(self._value(record, path))

    def _value(self, record: Record | None, path: Path) -> Any:
        for step in path[:-1]:
            record = self._parent(record, step)
        return None if record is None else record.get(path[-1].name)

    def _parent(self, record: Record | None, step: Field) -> Record | None:
        record_id = (record or {}).get(step.name)
        if record_id is None:
            return None
        if record_id not in self._seen:
            self._seen[record_id] = self._records.get(object_of(record_id) or self._sobject, record_id)
        return self._seen[record_id]

    def _sorted(self, rows: list[Record], path: Path, descending: bool, last: bool) -> list[Record]:
        """Nulls first unless told otherwise, in both directions [U]."""
        if not path[-1].filterable:
            words = f"field '{path[-1].name}' can not be sorted in a query call"
            raise Refusal("INVALID_FIELD", words)
        full = [row for row in rows if self._value(row, path) is not None]
        empty = [row for row in rows if self._value(row, path) is None]
        full.sort(key=lambda row: _sort_key(self._value(row, path)), reverse=descending)
        return full + empty if last else empty + full

    def _row(self, record: Record, paths: list[Path]) -> Record:
        row: Record = {"attributes": render.attributes(self._sobject, record["Id"], self._root)}
        for path in paths:
            target: Record | None = row
            source: Record | None = record
            for step in path[:-1]:
                source = self._parent(source, step)
                if target is None:
                    break
                if source is None:
                    target[step.parent] = None
                    target = None
                else:
                    owner = OBJECTS[step.target]
                    fresh = {"attributes": render.attributes(owner, source["Id"], self._root)}
                    target = target.setdefault(step.parent, fresh)
            if target is not None and source is not None:
                target[path[-1].name] = render.value(path[-1], source, self._root)
        return row


def _sort_key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _child_of(query: Query, sobject: SObject, child: Query) -> tuple[SObject, Field]:
    wanted = child.source.text.lower()
    for other, field in sobject.children():
        if field.child.lower() == wanted:
            return other, field
    raise Refusal("INVALID_TYPE", pointed(query.soql, child.source.at, NO_CHILD.format(child.source.text)))


def _check_link_filter(query: Query, sobject: SObject) -> None:
    """Links between files and records are only shown for a known file or a known record."""
    for part in _required_parts(query):
        named = isinstance(part, Comparison) and part.path.text.lower() in ("contentdocumentid", "linkedentityid")
        if named and isinstance(part, Comparison) and part.operator in ("=", "IN"):
            return
    if sobject.name == "ContentDocumentLink":
        raise malformed(query.soql, query.source.at, LINK_FILTER)


def _required_parts(query: Query) -> list[Condition]:
    """The conditions every row must meet."""
    where = query.where
    if isinstance(where, Group) and where.word == "AND":
        return where.parts
    return [where] if where else []
