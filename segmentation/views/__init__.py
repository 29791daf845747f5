"""Pages of value and allocation."""
