"""Whether the disk of a home has room for a run."""

from __future__ import annotations

import shutil

from orchestration.home import Home

# Of a run that makes a new home.
FEWEST_FREE_BYTES = 60_000_000


def needed(home: Home) -> int:
    """About how many bytes a run writes before it deletes anything: at most as many as the warehouse has."""
    return max(FEWEST_FREE_BYTES, home.warehouse.stat().st_size if home.warehouse.is_file() else 0)


def why_too_full(home: Home) -> str | None:
    """Why no run would come to its end on this disk; None where there is room, or no one can tell."""
    try:
        free, wanted = shutil.disk_usage(home.folder).free, needed(home)
    except OSError:
        return None
    if free >= wanted:
        return None
    return (f"The disk of the home has {free / 1e6:,.0f} MB free, and a run needs about {wanted / 1e6:,.0f} MB. Next: "
            "free some; what has landed is loaded then.")
