"""Writes of value and allocation: one function, one transaction."""
