"""Arithmetic of leaving and staying: pure, free of Django."""
