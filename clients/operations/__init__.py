"""Writes of clients: one function = one transaction = one audit entry."""
