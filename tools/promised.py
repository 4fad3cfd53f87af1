"""The files the package promises, in one place: a build that lacks one of them fails."""

from __future__ import annotations

from pathlib import Path

UCC_FILES = (
    "VERSION",
    "app.manifest",
    "appserver/static/js/build/entry_page.js",
    "appserver/static/js/build/globalConfig.json",
    "appserver/static/openapi.json",
    "appserver/templates/base.html",
    "bin/TA_alibaba_sls_rh_account.py",
    "bin/TA_alibaba_sls_rh_alibaba_sls.py",
    "bin/TA_alibaba_sls_rh_settings.py",
    "default/app.conf",
    "default/data/ui/nav/default.xml",
    "default/data/ui/views/configuration.xml",
    "default/data/ui/views/inputs.xml",
    "default/restmap.conf",
    "default/server.conf",
    "default/web.conf",
)
OWN_FILES = (
    "CHANGELOG.md",
    "LICENSE",
    "README/inputs.conf.spec",
    "README/ta_alibaba_sls_account.conf.spec",
    "README/ta_alibaba_sls_settings.conf.spec",
    "bin/alibaba_sls.py",
    "bin/alibaba_sls_doctor.py",
    "bin/alibaba_sls_rh_checks.py",
    "bin/alibaba_sls_rh_choices.py",
    "bin/alibaba_sls_rh_input.py",
    "bin/custom_hook_mixin.py",
    "bin/import_declare_test.py",
    "bin/sls_ingest/settings.py",
    "default/eventtypes.conf",
    "default/inputs.conf",
    "default/props.conf",
    "default/ta_alibaba_sls_settings.conf",
    "default/tags.conf",
    "default/transforms.conf",
    "metadata/default.meta",
    "static/appIcon.png",
    "static/appIconAlt.png",
    "static/appIconAlt_2x.png",
    "static/appIcon_2x.png",
)
LIBRARIES = (
    "lib/aliyun/log/consumer/__init__.py",
    "lib/certifi/cacert.pem",
    "lib/charset_normalizer/__init__.py",
    "lib/dateutil/parser/__init__.py",
    "lib/defusedxml/__init__.py",
    "lib/google/protobuf/__init__.py",
    "lib/idna/__init__.py",
    "lib/jmespath/__init__.py",
    "lib/lz4/block/__init__.py",
    "lib/lz4/block/_block.cpython-313-x86_64-linux-gnu.so",
    "lib/lz4/block/_block.cpython-39-x86_64-linux-gnu.so",
    "lib/orjson/orjson.cpython-313-x86_64-linux-gnu.so",
    "lib/orjson/orjson.cpython-39-x86_64-linux-gnu.so",
    "lib/plat/linux_x86_64/google/_upb/_message.abi3.so",
    "lib/requests/__init__.py",
    "lib/six.py",
    "lib/socks.py",
    "lib/solnlib/conf_manager.py",
    "lib/sortedcontainers/__init__.py",
    "lib/splunklib/modularinput/__init__.py",
    "lib/splunktaucclib/rest_handler/admin_external.py",
    "lib/urllib3/__init__.py",
)


def missing_from_ucc(tree: Path) -> list[str]:
    return _missing(tree, UCC_FILES)


def missing(tree: Path) -> list[str]:
    return _missing(tree, (*UCC_FILES, *OWN_FILES, *LIBRARIES))


def _missing(tree: Path, names: tuple[str, ...]) -> list[str]:
    """Names that are absent or empty; ucc-gen leaves empty files behind when it stops half-way."""
    return [name for name in names if not (tree / name).is_file() or not (tree / name).stat().st_size]
