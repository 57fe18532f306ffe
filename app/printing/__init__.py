"""What leaves on paper: grids and reports as PDF, XLSX and CSV, all drawn from ``app.indicators.figures``.

Nothing here counts, reads a database or decides who may see: a figure is printed as it was given, rounded or not.
"""
