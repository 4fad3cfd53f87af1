"""Describes itself by the folder that it is in."""

import sys

NAME = "bin"
SCHEME = "<scheme><title>%s</title><streaming_mode>xml</streaming_mode></scheme>\n"

if __name__ == "__main__" and sys.argv[1:] == ["--scheme"]:
    sys.stdout.write(SCHEME % NAME)
