"""Telling organisations what happened: claimed under their own eyes, signed, sent outwards only, until it is heard."""
