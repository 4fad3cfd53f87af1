"""The add-on between an SLS stand-in and a Splunk stand-in, to watch: ``python -m tests.demo``."""
