"""Access to the pages of the roof: today, cockpit, night."""

from tests.access.row import Row

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
]
