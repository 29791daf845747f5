"""Reads of clients that more than one place needs."""
