"""Landed files, from a path to value cells and labels. Nothing is stored here.

``find`` lists the files, ``open`` opens each once as ``grids`` of printed text (XLS and XLSX by ``workbooks``),
``recognise`` finds which published layout (``layouts``) a grid is in, ``readers`` take out the cells.
"""
