"""Reads of the roof: nights, and the cockpit across the apps."""
