"""data·inclusion v1, both ways: the published schema on one side, our directory on the other. No database."""
