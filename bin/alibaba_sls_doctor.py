"""The doctor: `splunk cmd python alibaba_sls_doctor.py --stanza <name>`. What it does is in sls_ingest."""

from __future__ import annotations

import os
import sys

sys.dont_write_bytecode = True  # whoever runs it: no files in the app that splunkd's user could not replace

import import_declare_test  # noqa: E402, F401  # puts the add-on's libraries on the path, so it comes first

from sls_ingest.doctor import main  # noqa: E402

if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # A check that hangs in the network must not keep the process: what it could say has been said.
    os._exit(code)
