"""Carequartile: published adult social care finance returns in, judged and traceable figures out.

The rooms in the order of the data. Which room may import which is ``LEVELS`` in ``tests/test_rooms.py``: only rooms of
the levels below its own.

- ``identifiers``: what in a text identifies a person, however it is typed. ``progress``: how far a long command is,
  told by any room and shown by the command.
- ``faults`` and ``home``: the errors that a user reads, and where each file of a home is stored.
- ``database`` opens DuckDB, and is the only module that does; ``reference`` reads the tables of councils and years,
  ``rules`` the rules of the gates.
- ``published_text``: what no published text may hold, initials of a person among it.
- ``intake`` finds files, opens each once, recognises its layout and takes out its cells.
- ``placements`` reads a council's own records: which column is which field, and hashes in place of people's references.
- ``survey`` puts both together: everything a landing holds, and what is wrong with it. Nothing is stored yet.
- ``store`` is the only room that writes ``raw.*``: loading, accepting, dropping, and one run at a time.
- ``prices`` estimates what packages of like need cost.
- ``transform`` runs dbt (``dbt_project/``), which derives all figures. ``local_copy`` writes and opens the copy
  that is restricted: exact figures of placements; ``open_figures`` makes what a council publishes of them.
- ``gates`` judges with Great Expectations (``expectations/``), and is the only room that imports it; ``publish`` puts
  the release in place; ``lineage`` goes back from a figure to its printed cell; ``rule_book`` describes the rules;
  ``second_engine`` builds the same tables on Spark.
- ``cluster`` has a Spark cluster build the tables of a run and collects them.
- ``report`` makes a council's page and answers questions from the published copy.
- ``assets`` are the steps of the Dagster graph, ``automation`` what starts a run by itself, ``definitions`` assembles
  both.
- ``refresh`` runs the graph in one process, ``status`` reports what a home holds, ``review`` lists rows to look at,
  ``peers`` finds the councils nearest to one.
  ``cli`` is the command.
"""
