"""A council's own placement records: from an export to codes, numbers, dates and hashes.

``contract`` has the fields a snapshot may have, ``mapping`` which column of an export is which field, ``recognise``
finds the file that is a snapshot. ``entry`` reads its rows into DuckDB: ``source_rows`` gives them as texts,
``field_values`` the SQL of one value, ``entry_sql`` the whole query, ``summary`` the counts, ``refusals`` the reasons
why a file is not taken. ``identifiers`` finds what identifies a person in a text; ``pseudonyms`` replaces the reference
of a person by a keyed hash. What the contract does not name is never stored.
"""
