"""What pages of value and allocation ask for."""
