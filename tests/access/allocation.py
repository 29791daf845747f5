"""Access to the pages of allocation."""

from tests.access.row import Row

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
]
