"""A stand-in for the Salesforce REST API: sign-in by JWT bearer, SOQL, records, composite, files."""
