"""The only room that writes ``raw.*``. What is loaded, how long it is kept, and who may write now.

``warehouse`` makes the file and its tables, ``returns`` and ``snapshots`` load what a survey found, ``files`` accepts,
rejects or drops a file that was loaded, ``retention`` limits how long rows about people are kept, ``lock`` allows one
run at a time.
"""
