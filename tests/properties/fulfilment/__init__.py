"""A thousand orders on their way to a running service, while everything fails."""
