"""Imports every module that registers API actions, so that one import knows them all."""

from sandbox.whmcs import (
    catalog,
    clients,
    invoices,
    invoicing,
    logins,
    orders,
    payments,
    paymethods,
    services,
    sso,
    system,
)

__all__ = [
    "catalog",
    "clients",
    "invoices",
    "invoicing",
    "logins",
    "orders",
    "payments",
    "paymethods",
    "services",
    "sso",
    "system",
]
