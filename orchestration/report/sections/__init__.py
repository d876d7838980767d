"""The sections of a council's page: each one sentence that states the finding, one picture, and the table behind it."""

from __future__ import annotations

from orchestration.report.sections.balance import balance
from orchestration.report.sections.believe import believe
from orchestration.report.sections.beside import beside
from orchestration.report.sections.doubts import doubts
from orchestration.report.sections.levers import levers
from orchestration.report.sections.outcomes import outcomes
from orchestration.report.sections.parts import Asked, Section
from orchestration.report.sections.placements import placements
from orchestration.report.sections.savings import savings
from orchestration.report.sections.sources import sources
from orchestration.report.sections.unit_costs import unit_costs
from orchestration.report.sections.why import why


def sections(asked: Asked) -> list[Section]:
    """All sections in the order a cabinet asks: how sure, why, how, what it costs, what is saved, what it gives."""
    return [
        believe(asked),
        why(asked),
        balance(asked),
        unit_costs(asked),
        savings(asked),
        outcomes(asked),
        beside(asked),
        levers(asked),
        placements(asked),
        doubts(asked),
        sources(asked),
    ]
