"""Who may open what, an app a file; see tests/access/table.py."""
