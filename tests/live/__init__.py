"""The REST interface as other systems meet it: served, with a worker behind it."""
