"""What the add-on has to do on any Splunk: the same functions on the stand-in and on a real one.

`python -m tests.scenarios` lists them, and where each runs.
"""
