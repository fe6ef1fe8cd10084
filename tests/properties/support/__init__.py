"""Random lives of questions to support against the sandbox's Salesforce, with rules that hold after every step."""
