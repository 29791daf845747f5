"""The conditions of the catalogue as set-based SQL, compiled into one statement per branch (performance.md §D)."""
