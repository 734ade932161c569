"""The report of an evaluation: one HTML page and its short form in Markdown, for whoever decides.

bootstrap hands `Reports` to the results view. jinja2 is known in here alone.
"""
