"""The mirrors by one name."""

from portal_app.storage.copies import Drift
from portal_app.storage.invoice_mirror import InvoiceMirrorStore
from portal_app.storage.service_mirror import ServiceMirrorStore

__all__ = ["Drift", "InvoiceMirrorStore", "ServiceMirrorStore"]
