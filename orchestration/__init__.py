"""Carequartile: published adult social care finance returns in, judged and traceable figures out.

The rooms stand along the way of a cell, and each module's first line says what belongs in it:

``landing`` finds files and opens them as grids of printed text; ``layouts`` knows every published layout and says
which one a grid is; ``reading`` takes the cells and their labels out of it, or says what is wrong; ``placements`` takes
a council's own records in, persons hashed; ``identifiers`` knows what gives a person away; ``raw`` stores them;
``transform`` lets dbt derive the rest (``dbt_project/``); ``gates`` judges with Great Expectations
(``expectations/``); ``publish`` puts the released copy in place; ``lineage`` walks back from a figure to the printed
cell. ``definitions`` is the Dagster graph of all this and ``refresh`` runs it in one process; ``cli`` is the command,
``service`` what a server runs it by. ``lock`` lets one run at a time into a home, ``retention`` says how long what is
kept, ``status`` what a home holds. ``second_engine`` builds the same tables on Spark.
``warehouse`` alone opens DuckDB, ``gates`` alone imports Great Expectations, ``home`` knows where things lie.
"""
