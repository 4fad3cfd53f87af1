"""A run in which things go wrong, for the dashboard, the alerts and whoever wants to see what they say."""
