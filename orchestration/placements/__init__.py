"""A council's own placement records: from an export to codes, numbers, dates and hashes.

``contract`` lists the fields that a snapshot may have, ``mapping`` says which column of an export is which field, and
``recognise`` finds the files that are snapshots. ``entry`` reads their rows into DuckDB: ``source_rows`` gives the rows
as texts, ``field_values`` the SQL of one value, ``entry_sql`` the whole query, ``summary`` the counts, ``refusals`` the
reasons why a file is refused. ``pseudonyms`` replaces the reference of a person by a keyed hash. What the contract does
not name is never stored.
"""
