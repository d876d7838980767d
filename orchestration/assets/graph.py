"""All assets of the graph, in the order of a run."""

from orchestration.assets.gates import gate_a, gate_b
from orchestration.assets.models import conform, marts
from orchestration.assets.pages import pages
from orchestration.assets.raw import raw_placements, raw_registers, raw_returns
from orchestration.assets.release import published

ASSETS = (raw_returns, raw_registers, raw_placements, conform, gate_a, marts, gate_b, published, pages)
