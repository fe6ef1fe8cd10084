"""How much of an invoice is for which service."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from portal_app.domain.billing import InvoiceLine


def billed_by_service(lines: Sequence[InvoiceLine], with_tax: Decimal) -> dict[int, Decimal]:
    """Yen by service id, tax included. `with_tax`: subtotal and taxes of the whole invoice, before any credit.

    Tax stands below the lines, once for all: each taxed line gets its share of it cut to whole yen, what is left over
    goes to the largest. Lines that already include it leave nothing to share. Lines about no service get theirs, too,
    and are not told.
    """
    amounts: defaultdict[int, Decimal] = defaultdict(Decimal)
    taxed: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        amounts[line.whmcs_service_id] += line.amount
        if line.taxed:
            taxed[line.whmcs_service_id] += line.amount
    for service, share in _shares(with_tax - sum(amounts.values(), Decimal(0)), taxed).items():
        amounts[service] += share
    return {service: amount for service, amount in amounts.items() if service}


def _shares(tax: Decimal, taxed: dict[int, Decimal]) -> dict[int, Decimal]:
    base = sum(taxed.values(), Decimal(0))
    if tax <= 0 or base <= 0:
        return {}
    shares = {one: (tax * net / base).to_integral_value(ROUND_FLOOR) for one, net in taxed.items()}
    largest = max(taxed, key=lambda one: (taxed[one], -one))
    shares[largest] += tax - sum(shares.values(), Decimal(0))
    return shares
