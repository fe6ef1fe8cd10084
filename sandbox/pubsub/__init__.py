"""The stand-in for the Salesforce Pub/Sub API: real gRPC, fed by what happens to the records."""

import os

# gRPC's core writes to stderr about every connection that comes and goes; only its errors matter.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
