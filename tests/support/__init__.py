"""What tests start and stop: servers, the sandbox, the portal, a browser."""
