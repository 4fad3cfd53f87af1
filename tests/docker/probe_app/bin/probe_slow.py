"""Takes 45 seconds to describe itself when the file local/slow is there."""

import sys
import time
from pathlib import Path

SECONDS = 45

if __name__ == "__main__" and sys.argv[1:] == ["--scheme"]:
    if (Path(__file__).resolve().parent.parent / "local" / "slow").exists():
        time.sleep(SECONDS)
    sys.stdout.write("<scheme><title>slow</title><streaming_mode>xml</streaming_mode></scheme>\n")
