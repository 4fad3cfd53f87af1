"""The files the package promises, in one place: a build that lacks one of them fails."""

from __future__ import annotations

from pathlib import Path

from tools.lock import RELEASE_TARGETS

UCC_FILES = (
    "VERSION",
    "app.manifest",
    "appserver/static/js/build/entry_page.js",
    "appserver/static/js/build/custom/custom.json",
    "appserver/static/js/build/globalConfig.json",
    "appserver/static/openapi.json",
    "appserver/templates/base.html",
    "bin/TA_alibaba_sls_rh_account.py",
    "bin/TA_alibaba_sls_rh_alibaba_sls.py",
    "bin/TA_alibaba_sls_rh_settings.py",
    "default/app.conf",
    "default/data/ui/nav/default.xml",
    "default/data/ui/views/configuration.xml",
    "default/data/ui/views/dashboard.xml",
    "default/data/ui/views/inputs.xml",
    "default/restmap.conf",
    "default/server.conf",
    "default/web.conf",
)
OWN_FILES = (
    "CHANGELOG.md",
    "LICENSE",
    "THIRD-PARTY-NOTICES.md",
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
    "default/macros.conf",
    "default/props.conf",
    "default/savedsearches.conf",
    "default/ta_alibaba_sls_settings.conf",
    "default/tags.conf",
    "default/transforms.conf",
    "metadata/default.meta",
    "sbom.cdx.json",
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
    "lib/requests/__init__.py",
    "lib/six.py",
    "lib/socks.py",
    "lib/solnlib/conf_manager.py",
    "lib/sortedcontainers/__init__.py",
    "lib/splunklib/modularinput/__init__.py",
    "lib/splunktaucclib/rest_handler/admin_external.py",
    "lib/urllib3/__init__.py",
)
NATIVE = (
    "lib/plat/x86_64-linux-gnu/google/_upb/_message.abi3.so",
    "lib/plat/aarch64-linux-gnu/google/_upb/_message.abi3.so",
    "lib/plat/win_amd64/google/_upb/_message.cp39-win_amd64.pyd",
    "lib/plat/win_amd64/google/_upb/_message.pyd",
    *(
        f"lib/{module}{target.abi}"
        for target in RELEASE_TARGETS
        for module in ("lz4/_version", "lz4/block/_block", "orjson/orjson")
    ),
)


def missing_from_ucc(tree: Path) -> list[str]:
    return _missing(tree, UCC_FILES)


def missing(tree: Path) -> list[str]:
    return _missing(tree, (*UCC_FILES, *OWN_FILES, *LIBRARIES, *NATIVE))


def _missing(tree: Path, names: tuple[str, ...]) -> list[str]:
    """Names that are absent or empty; ucc-gen leaves empty files behind when it stops half-way."""
    return [name for name in names if not (tree / name).is_file() or not (tree / name).stat().st_size]
