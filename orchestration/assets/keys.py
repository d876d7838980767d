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
# The tag of a run for one file alone: its source id.
FILE_TAG = "carequartile/file"
# What a run that the sensor starts is for, in words: years, snapshots, registers, or the files that it refuses.
WHAT_TAG = "carequartile/for"
RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
RETURNS = dg.AssetKey(["raw", "returns"])
PLACEMENTS = dg.AssetKey(["raw", "placements"])
GATE_A = dg.AssetKey(["gate", "submissions"])
GATE_B = dg.AssetKey(["gate", "release"])
RELEASE = dg.AssetKey(["published", "release"])
PAGES = dg.AssetKey(["report", "site"])
# Who answers for an asset, by its area; every other is the engineers'.
OWNERS_OF = {"gate": ["team:data-quality"], "quality": ["team:data-quality"], "comparison": ["team:analysts"],
             "marts": ["team:analysts"], "report": ["team:analysts"], "placements": ["team:placements"]}
ENGINEERS = ["team:data-engineering"]


def owners_of(area: str, is_of_placements: bool = False) -> list[str]:
    """Whom to ask about an asset: of placements whoever keeps these, else whoever its area belongs to."""
    return OWNERS_OF["placements"] if is_of_placements else OWNERS_OF.get(area, ENGINEERS)


def asked_partitions(context: dg.AssetExecutionContext) -> set[str] | None:
    """The partitions that a run is for; None where it takes everything that is landed, as ``refresh`` does."""
    is_partitioned = context.has_partition_key or context.has_partition_key_range
    return set(context.partition_keys) if is_partitioned else None
