"""The roof: settings, addresses, the night and the pages that look across apps."""

from branchcrm.celery import app as celery_app

__all__ = ["celery_app"]
