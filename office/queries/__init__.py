"""Reads of the office that more than one place needs."""

from office.queries.days import calendar, calendar_warning, calendar_year

__all__ = ["calendar", "calendar_warning", "calendar_year"]
