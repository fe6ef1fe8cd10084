"""The stand-in for the Salesforce Pub/Sub API: real gRPC, fed by what happens to the records."""
