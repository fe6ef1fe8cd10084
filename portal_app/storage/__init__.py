"""What the portal keeps: the database and its tables, cache, locks, message bus, encrypted columns."""
