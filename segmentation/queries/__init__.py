"""Reads of value and allocation that more than one place needs."""
