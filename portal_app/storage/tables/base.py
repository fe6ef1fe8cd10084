"""What every table derives from: a metadata of our own, not the one other libraries register with."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """Base of the portal's tables. Ids are UUID text made in code; times are aware UTC."""
