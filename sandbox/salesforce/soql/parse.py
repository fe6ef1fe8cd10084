"""SOQL text to a Query. Knows grammar only; whether fields exist is found out when it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.soql.tokens import Token, cut, malformed

KEYWORDS = ("FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "BY", "IN", "LIKE", "SELECT")
LITERALS = ("string", "datetime", "date", "number", "name")
MOST_OFFSET = 2000


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of = != < <= > >= LIKE IN NOT IN; the last two have any number of values."""

    path: Token
    operator: str
    values: list[Token]


@dataclass(frozen=True, slots=True)
class Not:
    inner: Condition


@dataclass(frozen=True, slots=True)
class Group:
    word: str
    parts: list[Condition]


Condition = Comparison | Not | Group


@dataclass(slots=True)
class Query:
    soql: str
    source: Token
    fields: list[Token] = field(default_factory=list)
    children: list[Query] = field(default_factory=list)
    counting: bool = False
    where: Condition | None = None
    order: list[tuple[Token, bool, bool]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


def parse(soql: str) -> Query:
    """Raises: Refusal MALFORMED_QUERY."""
    return _Parser(soql).whole()


class _Parser:
    def __init__(self, soql: str) -> None:
        self._soql, self._tokens, self._place = soql, cut(soql), 0

    def whole(self) -> Query:
        query = self._query()
        if self._now.kind != "end":
            raise self._unexpected()
        return query

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._now
        self._place += token.kind != "end"
        return token

    def _take(self, *words: str) -> bool:
        if not self._now.says(*words):
            return False
        self._place += 1
        return True

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected()

    def _unexpected(self) -> Refusal:
        shown = self._now.text if self._now.kind != "end" else "<EOF>"
        return malformed(self._soql, self._now.at, f"unexpected token: '{shown}'")

    def _name(self) -> Token:
        if self._now.kind != "name" or self._now.says(*KEYWORDS):
            raise self._unexpected()
        return self._next()

    def _query(self) -> Query:
        self._need("SELECT")
        query = Query(self._soql, self._now)
        self._selection(query)
        while self._take(","):
            self._selection(query)
        self._need("FROM")
        if self._now.kind != "name":
            raise self._unexpected()
        query.source = self._next()  # Order is an object, too
        if self._take("WHERE"):
            query.where = self._either()
        if self._take("ORDER"):
            self._need("BY")
            query.order.append(self._ordering())
            while self._take(","):
                query.order.append(self._ordering())
        if self._take("LIMIT"):
            query.limit = self._count()
        if self._take("OFFSET"):
            query.offset = self._count()
            if query.offset > MOST_OFFSET:
                raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_OFFSET}")
        return query

    def _selection(self, query: Query) -> None:
        if self._take("("):
            query.children.append(self._query())
            self._need(")")
            return
        name = self._name()
        if not self._now.says("("):
            query.fields.append(name)
            return
        self._next()
        if not name.says("COUNT") or query.fields or not self._take(")"):
            # Salesforce knows more functions; nothing here needs them.
            raise malformed(self._soql, name.at, f"the sandbox does not play {name.text}(...)")
        query.counting = True

    def _either(self) -> Condition:
        return self._joined("OR", "AND")

    def _joined(self, word: str, other: str) -> Condition:
        """AND and OR do not mix without parentheses."""
        parts = [self._single()]
        if self._now.says(other):
            word, other = other, word
        while self._take(word):
            parts.append(self._single())
        if len(parts) > 1 and self._now.says(other):
            raise self._unexpected()
        return parts[0] if len(parts) == 1 else Group(word, parts)

    def _single(self) -> Condition:
        if self._take("NOT"):
            return Not(self._single())
        if self._take("("):
            inner = self._either()
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        path, word = self._name(), self._next()
        if word.says("=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"):
            operator = "!=" if word.text == "<>" else word.text.upper()
            return Comparison(path, operator, [self._literal()])
        if word.says("NOT"):
            self._need("IN")
            return Comparison(path, "NOT IN", self._list())
        if word.says("IN"):
            return Comparison(path, "IN", self._list())
        self._place -= word.kind != "end"
        raise self._unexpected()

    def _list(self) -> list[Token]:
        """An empty list is a syntax error."""
        self._need("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._need(")")
        return values

    def _literal(self) -> Token:
        if self._now.kind not in LITERALS:
            raise self._unexpected()
        return self._next()

    def _ordering(self) -> tuple[Token, bool, bool]:
        name = self._name()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        last = False
        if self._take("NULLS"):
            last = self._take("LAST")
            if not last:
                self._need("FIRST")
        return name, descending, last

    def _count(self) -> int:
        if self._now.kind != "number" or not self._now.text.isdigit():
            raise self._unexpected()
        return int(self._next().text)
