"""Access to the pages of service_logs."""

from tests.access.row import Row

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
]
