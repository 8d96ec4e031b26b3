"""The dashboard: figures of a client's calls, drawn, written as sentences, tables and files.

- period.py: which days, and with which others they are compared
- shapes.py: calls by hours against staffed hours, by days
- sheets.py: every figure as a table: what the page lists and the files hold
- charts.py: the same as plots
- csv_files.py: the same as files
- page.py: the page
"""
