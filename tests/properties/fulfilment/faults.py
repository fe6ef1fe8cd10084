"""What goes wrong at which call of which order, and that it did."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

System = Literal["whmcs", "salesforce", "freebit"]

BOTH: Final = (
    "refused",  # no connection: surely not sent
    "reset_before",  # cut, and nothing was done
    "delayed",  # no answer within any patience; a write is done long after the caller gave up
    "http500",  # and nothing was done
    "html",  # a page of maintenance with status 200, and nothing was done
    "duplicate",  # sent once, arrived twice: the answer is that of the second; a list has every row twice
    "outdated",  # answered late, with what was true when it was asked
)
ON_WRITES: Final = ("reset_after", "http500_after", "html_after")
"""Done, and nobody was told."""
UNKNOWN: Final = frozenset({"reset_after", "http500_after", "html_after", "delayed", "duplicate"})

LATE_S: Final = 34.0
"""When a delayed write is done: later than WHMCS and Salesforce are waited for, sooner than the settle time ends, also
where it began as late as it may."""
SLOW_S: Final = 8.0


@dataclass(frozen=True, order=True)
class CallName:
    """The nth call of that operation for one order, from 1."""

    system: System
    operation: str
    nth: int
    write: bool

    def __str__(self) -> str:
        return f"{self.system} {self.operation} {self.nth}"


def kinds_for(call: CallName) -> tuple[str, ...]:
    """Every fault that means something there."""
    return BOTH + ON_WRITES if call.write else BOTH


@dataclass(frozen=True)
class Fault:
    """`kind` happens to that call, or to the next one of the operation where there are fewer."""

    call: CallName
    kind: str

    @property
    def is_the_end(self) -> bool:
        """WHMCS has the order twice, by itself: all that is left is to say so to a person."""
        return self.kind == "duplicate" and self.call.operation == "AddOrder"


@dataclass
class Script:
    """`plan`: order id -> its faults. `calls`: what each order asked, in order; `struck`: what came true."""

    plan: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[CallName]] = field(default_factory=lambda: defaultdict(list))
    struck: list[tuple[str, Fault]] = field(default_factory=list)
    over: bool = False
    """From now on nothing goes wrong any more."""
    _counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def meet(self, system: System, operation: str, order_ids: Iterable[str], *, write: bool) -> str:
        """What happens to this call, "" for nothing. It counts for every order it may be about."""
        found = ""
        for order_id in order_ids:
            self._counts[order_id, system, operation] += 1
            nth = self._counts[order_id, system, operation]
            self.calls[order_id].append(CallName(system, operation, nth, write))
            found = found or self._strikes(order_id, system, operation, nth)
        return found

    def left(self) -> int:
        """Faults whose call never came."""
        return sum(len(faults) for faults in self.plan.values())

    def _strikes(self, order_id: str, system: System, operation: str, nth: int) -> str:
        for fault in self.plan.get(order_id, ()):
            call = fault.call
            if not self.over and (call.system, call.operation) == (system, operation) and call.nth <= nth:
                self.plan[order_id].remove(fault)
                self.struck.append((order_id, fault))
                return fault.kind
        return ""
