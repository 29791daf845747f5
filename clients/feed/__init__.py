"""The counter feed, read and checked in columns: no Django, no clock, no database.

`layout` says what a file may hold, `files` and `lines` take it apart, `numbers` and `columns` read
the values, `checking` joins them into one table and the list of what was refused.
"""
