"""Real processes killed for good, on PostgreSQL and over real sockets."""
