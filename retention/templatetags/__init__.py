"""How requests are written."""
