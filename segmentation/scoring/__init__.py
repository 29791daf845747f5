"""The arithmetic of value: arrays in, arrays out; no Django, no clock, no database."""
