"""The whole table: every route stands in one of these files, or the suite fails."""

from tests.access import allocation, api, clients, office, roof, segmentation, service_logs
from tests.access.row import Row

ACCESS: list[Row] = [
    *office.ROWS,
    *clients.ROWS,
    *service_logs.ROWS,
    *segmentation.ROWS,
    *allocation.ROWS,
    *roof.ROWS,
    *api.ROWS,
]
