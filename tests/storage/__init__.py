"""Storage over real databases and a real Redis."""
