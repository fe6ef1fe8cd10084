"""Salesforce events: the Pub/Sub API (gRPC), read and understood. What is done with them is decided elsewhere."""
