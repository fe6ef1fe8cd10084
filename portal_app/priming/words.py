"""What a condition of a page may call, as the server understands it."""


def pythons_and(left: object, right: object) -> object:
    """As `a & b` of two vars."""
    return left and right


def pythons_or(left: object, right: object) -> object:
    """As `a | b` of two vars."""
    return left or right


class _Asked:
    """The record an address names: whoever answers was asked for that one."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, _shown: object) -> bool:
        return True


SPOKEN = {
    "namedHere": _Asked(),
    "pyAnd": pythons_and,
    "pyOr": pythons_or,
    "isTrue": bool,
    "includes": lambda whole, part: part in whole,
    "begins": lambda whole, part: str(whole).startswith(part),
}
"""What a condition may call."""
