"""What may happen: who the people are, what they, the staff and the machines do, and what goes wrong meanwhile."""

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from tests.fakes.troubles import AT_CALL, KINDS, Trouble

PEOPLE: Final = 3


@dataclass(frozen=True)
class Person:
    """One customer of the company and what the systems have of them.

    `account` in Salesforce: open, missing, taken (billed under another client), active (in the portal already).
    `client` in WHMCS: none, plain, numberless, closed, inactive. `written`: the account names that client.
    """

    account: str = "open"
    client: str = "none"
    two_factor: bool = False
    written: bool = False


@dataclass(frozen=True)
class Step:
    """`what` is the name of a rule of Story; the others are its choices, as far as it needs any."""

    what: str
    who: int = 0
    which: int = 0
    right: bool = True
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Scene:
    """`lenient`: see Registry. `verdict`: what staff say to everybody who waits at the end."""

    people: tuple[Person, ...]
    lenient: bool
    verdict: str
    steps: tuple[Step, ...]


WAITS: Final = (1, 6, 20, 65, 100, 900, 4000, 90_000, 700_000)
"""Seconds: within a pause, a settle time, a lease, a link's half hour, a day, a week."""


def weighted(*choices: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Each with its weight. (one_of takes the same strategy given twice for one.)"""
    table = [strategy for weight, strategy in choices for _ in range(weight)]
    return st.integers(0, len(table) - 1).flatmap(table.__getitem__)


_people = st.builds(
    Person,
    account=st.sampled_from(["open"] * 9 + ["missing", "taken", "active"]),
    client=st.sampled_from(["none"] * 6 + ["plain"] * 4 + ["numberless", "closed", "inactive"]),
    two_factor=st.booleans(),
    written=st.booleans(),
)
_who = st.sampled_from([0, 0, 0, 1, 1, 2])
_which = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
_right = st.sampled_from([True] * 6 + [False])
_any_trouble = st.builds(Trouble, st.sampled_from(KINDS), st.sampled_from([1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 9]))
_worst_trouble = st.builds(Trouble, st.sampled_from(AT_CALL), st.just(1), st.just("AddClient"))
_seldom = weighted((3, st.none()), (1, _any_trouble))
_often = weighted((2, st.none()), (2, _any_trouble), (2, _worst_trouble))
# Which number and which address: the own ones, or with the other address, or with somebody else's number or address.
_claims = st.sampled_from([0] * 8 + [3] * 4 + [2, 2, 5, 6, 8])


def _acts(what: str, trouble: st.SearchStrategy[Trouble | None] = _seldom, **chosen: Any) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.just(what), trouble=trouble, **chosen)


def _happens(what: str, **chosen: Any) -> st.SearchStrategy[Step]:
    """Outside of the portal, where nothing of ours can fail."""
    return st.builds(Step, st.just(what), **chosen)


_submit = _acts("submit", who=_who, which=_claims, right=_right)
_one_number = [_acts("submit", who=st.just(0), which=st.just(address), right=_right) for address in (0, 3)]
_deliver, _advance = _acts("deliver"), _acts("advance", _often)
_confirm = _acts("confirm", _often, which=_which, right=_right)
_race = (
    _acts("confirm", weighted((1, _any_trouble), (3, _worst_trouble)), which=st.just(0)),
    _acts("confirm", _seldom, which=st.just(1)),
)
_link = _acts("link", who=_who, right=_right)
_code = _acts("code", which=_which, right=_right)
_first_password = _acts("first_password", which=_which)
_forgot, _reset = _acts("forgot", who=_who), _acts("reset", which=_which)
_decide = _happens("decide", which=st.sampled_from([0, 0, 0, 0, 1, 2, 3]), right=_right)
_wait = _happens("wait", which=st.sampled_from([2, 3, 4, 4, 5, 5, 6, 1, 0, 7, 8]))
_moment = _happens("wait", which=st.sampled_from([1, 2, 2]))

_begins = weighted(
    (2, st.tuples(_submit, _deliver, _confirm)),
    (1, st.tuples(_submit, _deliver, _submit, _deliver, _confirm)),
    (2, st.tuples(*_one_number, _deliver, *_race)),
    (2, st.tuples(_link, _deliver, _code)),
)
_goes_on = weighted(
    (1, st.tuples(_submit)),
    (2, st.tuples(_submit, _deliver, _confirm)),
    (1, st.tuples(_deliver)),
    (1, st.tuples(_advance)),
    (2, st.tuples(_confirm)),
    (1, st.tuples(_wait)),
    (2, st.tuples(_confirm, _moment, _advance)),
    (2, st.tuples(_confirm, _wait, _advance)),
    (3, st.tuples(_wait, _advance, _deliver)),
    (1, st.tuples(_confirm, _decide, _wait, _advance)),
    (1, st.tuples(_link)),
    (1, st.tuples(_link, _deliver, _code)),
    (1, st.tuples(_link, _first_password)),
    (1, st.tuples(_forgot, _deliver, _reset)),
    (1, st.tuples(_acts("sign_in", who=_who, which=_which, right=_right))),
    (1, st.tuples(_acts("resend", who=_who, which=_which), _deliver)),
    (1, st.tuples(_acts("again", which=_which))),
    (1, st.tuples(_acts("repair", which=_which, right=_right))),
    (1, st.tuples(_happens("remember", who=_who), _link)),
    (1, st.tuples(_acts("housekeep"))),
    (1, st.tuples(_happens("restart"))),
    (1, st.tuples(_happens("appear", who=_who))),
    (1, st.tuples(_happens("take", who=_who))),
    (1, st.tuples(_happens("weather", which=st.integers(0, 3)))),
)


def joined(*runs: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(step for run in runs for step in run)


scenes = st.builds(
    Scene,
    people=st.lists(_people, min_size=PEOPLE, max_size=PEOPLE).map(tuple),
    lenient=st.booleans(),
    verdict=st.sampled_from(["", "approve", "reject"]),
    steps=st.builds(
        lambda first, more: joined(*first, *more),
        st.lists(_begins, min_size=1, max_size=3),
        st.lists(_goes_on, min_size=3, max_size=12),
    ),
)
