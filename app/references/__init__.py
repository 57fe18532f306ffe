"""Public reference data and the arithmetic done on it: places, hours, working days, identifiers. No database."""
