"""Reads of retention that more than one place needs."""
