"""Writes of retention: one function is one transaction."""
