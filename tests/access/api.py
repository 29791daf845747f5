"""Access to the REST interface by people; what keys may is said in tests/branchcrm/test_api.py."""

from __future__ import annotations

from tests.access.row import Row

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("api:client_list", "401 200 200 200 200 200 403 403 200"),
    Row("api:client_list", "401 405 405 405 405 405 405 405 405", method="post"),
    Row("api:score_list", "401 200 200 200 200 200 403 403 200"),
    Row("api:task_list", "401 200 200 200 200 200 403 403 200"),
    Row("api:description", "401 200 200 200 200 200 200 200 200"),
    Row("api:nothing", "404 404 404 404 404 404 404 404 404", lambda cast: {"rest": "nowhere/"}),
]
