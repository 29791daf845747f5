"""Clients, feeds and single events by REST."""
