"""The way of a placement record into the warehouse: which file is a snapshot, whose columns are which, who is in it.

``mapping`` says which column of a file is which field of the placement contract, ``entry`` takes the rows in, and
``people`` replaces the reference of a person by a keyed hash. What the contract does not name is never stored.
"""
