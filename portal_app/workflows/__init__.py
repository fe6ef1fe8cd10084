"""What touches more than one system, or takes several steps."""
