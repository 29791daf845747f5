"""Pure rules of service: no Django, no clock, no database."""
