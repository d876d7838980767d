"""The Dagster graph's assets, one module per step. Each is thin: it calls the room that does the work."""
