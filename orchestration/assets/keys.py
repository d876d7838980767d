"""Names that the parts of the graph share: asset keys, partitions, tags and owners."""

import warnings

import dagster as dg

from orchestration.intake.years import FIRST_YEAR, LAST_YEAR

# Otherwise Dagster prints at every start which of its parameters are in beta; a user can do nothing about that.
warnings.filterwarnings("ignore", category=dg.BetaWarning)

FINANCIAL_YEARS = dg.StaticPartitionsDefinition(
    [f"{year}-{(year + 1) % 100:02d}" for year in range(FIRST_YEAR, LAST_YEAR + 1)])
# A snapshot is of a day; councils file their snapshots by month.
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2005-01", fmt="%Y-%m", end_offset=1)
# The tag of a run that the sensor starts: the sha256 of the file that the run is for.
FILE_TAG = "carequartile/file"
RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
RETURNS = dg.AssetKey(["raw", "returns"])
PLACEMENTS = dg.AssetKey(["raw", "placements"])
GATE_A = dg.AssetKey(["gate", "submissions"])
GATE_B = dg.AssetKey(["gate", "release"])
RELEASE = dg.AssetKey(["published", "release"])
PAGES = dg.AssetKey(["report", "site"])
OWNERS = ["team:data-engineering"]


def asked_partitions(context: dg.AssetExecutionContext) -> set[str] | None:
    """The partitions that a run is for; None where it takes everything that is landed, as ``refresh`` does."""
    is_partitioned = context.has_partition_key or context.has_partition_key_range
    return set(context.partition_keys) if is_partitioned else None
