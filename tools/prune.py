"""What libraries bring and nothing of ours leads to.

tests/package/test_unused.py finds more of it: it follows every import from the scripts that splunkd starts.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.step import BuildError

# By reason; every line has to match something.
PRUNED = (
    # needs elasticsearch; needs Jupyter; Python 2
    "aliyun/log/es_migration",
    "aliyun/log/ext",
    "aliyun/log/_proto_py2",
    # sinks and rules of SLS's own jobs, which this add-on neither makes nor reads
    "aliyun/log/acl_config.py",
    "aliyun/log/acl_response.py",
    "aliyun/log/delete_async_sql_request.py",
    "aliyun/log/etl_core/restrict_config_parser.py",
    "aliyun/log/logclient_core.py",
    "aliyun/log/odps_sink.py",
    "aliyun/log/oss_sink.py",
    # search commands; results.py needs another library; Python 2
    "splunklib/searchcommands",
    "splunklib/results.py",
    "splunklib/six.py",
    # needs OpenTelemetry and grpc
    "solnlib/observability.py",
    "solnlib/_observability_flush.py",
    # another way to write modular inputs, with pools and schedulers of its own; another REST client
    "solnlib/alerts_rest_client.py",
    "solnlib/modular_input",
    "solnlib/concurrent",
    "solnlib/rest.py",
    "solnlib/schedule",
    # alert actions and the Add-on Builder's world
    "splunktaucclib/alert_actions_base.py",
    "splunktaucclib/cim_actions.py",
    "splunktaucclib/common/xml_dom_parser.py",
    "splunktaucclib/config.py",
    "splunktaucclib/global_config",
    "splunktaucclib/legacy",
    "splunktaucclib/modinput_wrapper",
    "splunktaucclib/rest_handler/error_ctl.py",
    "splunktaucclib/rest_handler/normaliser.py",
    "splunktaucclib/rest_handler/schema.py",
    "splunktaucclib/splunk_aoblib",
    # SLS uses lz4 blocks, not frames
    "lz4/frame",
    # tests, maintenance scripts, commands for a terminal
    "certifi/__main__.py",
    "certifi/tests",
    "charset_normalizer/__main__.py",
    "charset_normalizer/cli",
    "dateutil/zoneinfo/rebuild.py",
    "google/protobuf/internal/_parameterized.py",
    "google/protobuf/internal/testing_refleaks.py",
    "idna/__main__.py",
    "idna/cli.py",
    "requests/help.py",
    # needs lxml, and its own text calls it deprecated
    "defusedxml/lxml.py",
    # code generation, and messages nobody here speaks
    "google/protobuf/compiler",
    "google/protobuf/testdata",
    "google/protobuf/util",
    *(
        f"google/protobuf/{name}.py"
        for name in (
            *("any", "any_pb2", "api_pb2", "duration", "duration_pb2", "empty_pb2", "field_mask_pb2"),
            *("json_format", "proto", "proto_builder", "proto_json", "service", "source_context_pb2"),
            *("struct_pb2", "timestamp", "timestamp_pb2", "type_pb2", "wrappers_pb2"),
        )
    ),
    # for the standard library's urllib, Google's App Engine, NTLM, the TLS of macOS
    "sockshandler.py",
    "urllib3/contrib/_securetransport",
    "urllib3/contrib/appengine.py",
    "urllib3/contrib/ntlmpool.py",
    "urllib3/contrib/securetransport.py",
    # names that others know them by
    "dateutil/tzwin.py",
    "dateutil/utils.py",
    "idna/codec.py",
    "idna/compat.py",
)


def prune(lib: Path) -> None:
    """Remove all of it from `lib`.

    Raises:
        BuildError: a line matches nothing.
    """
    for name in PRUNED:
        path = lib / name
        if path.is_dir():
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
        else:
            raise BuildError(f"nothing to prune at lib/{name}: the library has changed, see tools/prune.py")
