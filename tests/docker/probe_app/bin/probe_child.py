"""A child of the probe in its process group: notes the signals that reach it, for 40 seconds."""

import json
import os
import signal
import sys
import time
from pathlib import Path


def note(number, _frame):
    told = {"what": "child signal", "t": time.time(), "pid": os.getpid(), "name": signal.Signals(number).name}
    with Path(sys.argv[1]).open("a") as out:
        out.write(json.dumps(told) + "\n")


for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(each, note)
time.sleep(40)
