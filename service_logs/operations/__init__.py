"""Writes of service: one function is one transaction."""
