"""The SLS consumer group inside a Splunk modular input: fetch, decode, route, render, write, checkpoint."""
