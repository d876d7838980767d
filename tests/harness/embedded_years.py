"""The embedded default as files to land, one year at a time and altered on the way."""

import csv
import io

from orchestration.home import project_folder

EMBEDDED = project_folder() / "seeds" / "returns" / "unitary_authorities_learning_disability_unit_costs.csv"


def lines_of(year: str, **changes: str) -> str:
    """The rows of one year, with the printed values of ``council_line_component`` replaced."""
    rows = list(csv.reader(io.StringIO(EMBEDDED.read_text(encoding="utf-8-sig"))))
    header, out = rows[0], io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows[1:]:
        record = dict(zip(header, row))
        if record["financial_year"] == year:
            record["value"] = changes.get("_".join((record["council_code"], record["line"], record["component"])),
                                          record["value"])
            writer.writerow(record.values())
    return out.getvalue()
