"""Names the graph's parts share: asset keys, partitions, tags, owners."""

import warnings

import dagster as dg

from orchestration.intake.readers.headings import FIRST_YEAR, LAST_YEAR

# Dagster would print at every start which of its own parameters are in beta; a user can do nothing about that.
warnings.filterwarnings("ignore", category=dg.BetaWarning)

FINANCIAL_YEARS = dg.StaticPartitionsDefinition(
    [f"{year}-{(year + 1) % 100:02d}" for year in range(FIRST_YEAR, LAST_YEAR + 1)])
# Snapshots are of a day; the month is what a council files them by.
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2005-01", fmt="%Y-%m", end_offset=1)
# On a run that the sensor starts: the sha256 of the file it is for.
FILE_TAG = "carequartile/file"
RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
RETURNS = dg.AssetKey(["raw", "returns"])
PLACEMENTS = dg.AssetKey(["raw", "placements"])
REGISTERS = dg.AssetKey(["raw", "registers"])
GATE_A = dg.AssetKey(["gate", "submissions"])
GATE_B = dg.AssetKey(["gate", "release"])
OWNERS = ["team:data-engineering"]


def asked_partitions(context: dg.AssetExecutionContext) -> set[str] | None:
    """The partitions a run is for; None where it takes all that is landed, as ``refresh`` does."""
    is_partitioned = context.has_partition_key or context.has_partition_key_range
    return set(context.partition_keys) if is_partitioned else None
