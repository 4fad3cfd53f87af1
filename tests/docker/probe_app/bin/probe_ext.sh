#!/bin/sh
# Describes itself by its extension.
[ "$1" = --scheme ] && echo "<scheme><title>.sh</title><streaming_mode>xml</streaming_mode></scheme>"
exit 0
