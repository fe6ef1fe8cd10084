"""The query language: text to query (parse), condition to predicate (where), query to rows (run)."""
