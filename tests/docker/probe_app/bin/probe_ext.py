"""Describes itself by its extension."""

import sys

if __name__ == "__main__" and sys.argv[1:] == ["--scheme"]:
    sys.stdout.write("<scheme><title>.py</title><streaming_mode>xml</streaming_mode></scheme>\n")
