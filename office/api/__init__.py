"""The foundation of the REST interface: who calls, what he may, how answers look; each app adds its own `api.py`."""
