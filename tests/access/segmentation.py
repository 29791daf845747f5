"""Access to the pages of segmentation."""

from tests.access.row import Row

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
]
