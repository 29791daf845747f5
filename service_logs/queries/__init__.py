"""Reads of service that other apps need."""

from service_logs.queries.attention import neglected_client_ids, reached_counts

__all__ = ["neglected_client_ids", "reached_counts"]
