"""Made by `make protos`; not to be edited."""
