"""The whole table: every route stands in one of these files, or the suite fails."""

from tests.access import (
    allocation,
    api,
    cases,
    changes,
    churn,
    clients,
    complaints,
    feedback,
    office,
    requests,
    retention_library,
    roof,
    segmentation,
    service_logs,
    visits,
)
from tests.access.row import Row

ACCESS: list[Row] = [
    *office.ROWS,
    *clients.ROWS,
    *service_logs.ROWS,
    *visits.ROWS,
    *complaints.ROWS,
    *segmentation.ROWS,
    *churn.ROWS,
    *allocation.ROWS,
    *changes.ROWS,
    *requests.ROWS,
    *cases.ROWS,
    *retention_library.ROWS,
    *feedback.ROWS,
    *roof.ROWS,
    *api.ROWS,
]
