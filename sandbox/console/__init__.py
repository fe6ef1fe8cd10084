"""The operator's page and the JSON behind it."""
