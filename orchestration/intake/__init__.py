"""Finds landed files, opens each once, says which published layout it is, and reads its cells. Stores nothing."""
