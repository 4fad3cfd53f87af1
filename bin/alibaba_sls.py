"""The modular input `alibaba_sls`: scheme, validation, run. What it does is in sls_ingest."""

from __future__ import annotations

import os
import sys

import import_declare_test  # noqa: F401  # puts the add-on's libraries on the path, so it comes first
from splunklib.modularinput import Argument, InputDefinition, Scheme, Script, ValidationDefinition

from sls_ingest.app import check_input, run_input
from sls_ingest.event_writer import BatchWriter, claim_stdout
from sls_ingest.scheme import ARGUMENTS, DESCRIPTION, NAME, TITLE


class AlibabaSls(Script):  # type: ignore[misc]  # splunklib has no types
    """Hands splunkd's three ways of starting this script to sls_ingest."""

    exit_code = 0

    def get_scheme(self) -> Scheme:
        scheme = Scheme(TITLE)
        scheme.description = DESCRIPTION
        scheme.use_external_validation = True
        scheme.use_single_instance = False
        scheme.streaming_mode = Scheme.streaming_mode_xml
        for name, description, required in ARGUMENTS:
            scheme.add_argument(
                Argument(name, description=description, required_on_create=required, required_on_edit=False)
            )
        return scheme

    def validate_input(self, definition: ValidationDefinition) -> None:
        metadata = definition.metadata
        check_input(metadata["name"], definition.parameters, metadata["server_uri"], metadata["session_key"])

    def stream_events(self, inputs: InputDefinition, ew: BatchWriter) -> None:
        ((stanza, params),) = inputs.inputs.items()
        metadata = inputs.metadata
        name = stanza.partition(f"{NAME}://")[2]
        self.exit_code = run_input(name, params, metadata["server_uri"], metadata["session_key"], ew)


def main(argv: list[str]) -> int:
    """Run the way splunkd asks for in `argv`; events and answers go to the standard output that it reads."""
    script = AlibabaSls()
    # Bytes: splunkd writes UTF-8, and Windows would read its code page.
    return script.run_script(argv, BatchWriter(claim_stdout()), sys.stdin.buffer) or script.exit_code


if __name__ == "__main__":
    code = main(sys.argv)
    sys.stderr.flush()
    # Threads that hang in the network must not keep the process: all that counts is written by now.
    os._exit(code)
