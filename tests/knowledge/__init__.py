"""Checks the search-time knowledge (fields, event types, tags, CIM) on sample logs, without a Splunk."""
