"""The only room that writes ``raw.*``: the warehouse, what is stored of a landing, how long, the lock."""
