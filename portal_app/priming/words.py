"""What a condition of a page may call, as the server understands it."""


def pythons_and(left: object, right: object) -> object:
    """As `a & b` of two vars."""
    return left and right


def pythons_or(left: object, right: object) -> object:
    """As `a | b` of two vars."""
    return left or right


SPOKEN = {
    "pyAnd": pythons_and,
    "pyOr": pythons_or,
    "isTrue": bool,
    "includes": lambda whole, part: part in whole,
    "begins": lambda whole, part: str(whole).startswith(part),
}
"""What a condition may call."""
