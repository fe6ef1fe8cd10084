"""Salesforce events: the Pub/Sub API (gRPC), read and understood. What is done with them is decided elsewhere."""

import os

# gRPC's core writes to stderr past our log, about every connection that comes and goes; only its errors matter.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
