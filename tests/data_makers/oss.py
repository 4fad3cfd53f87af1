"""OSS access logs: one record per request to a bucket. ``-`` stands for "none" throughout."""

from __future__ import annotations

import random
import time
from urllib.parse import quote

from tests.data_makers import base

# operation -> (HTTP method, does it name an object)
OPERATIONS = {
    "GetObject": ("GET", True),
    "PutObject": ("PUT", True),
    "HeadObject": ("HEAD", True),
    "DeleteObject": ("DELETE", True),
    "DeleteObjects": ("POST", False),
    "GetBucketAcl": ("GET", False),
    "PutBucketLog": ("PUT", False),
}
OBJECTS = (
    "backup/db 2024.tar.gz",
    "img/logo.png",
    "报表/三月.xlsx",
    "a/b/c+d&e=f.json",
    "invoices/2024/03/1.pdf",
)
ERRORS = {"403": "AccessDenied", "404": "NoSuchKey"}


def make(rng: random.Random, t: int) -> base.Pairs:
    operation = base.pick(
        rng,
        GetObject=60,
        PutObject=20,
        HeadObject=8,
        DeleteObject=5,
        DeleteObjects=2,
        GetBucketAcl=3,
        PutBucketLog=2,
    )
    method, names_object = OPERATIONS[operation]
    bucket = rng.choice(("examplebucket", "finance-archive", "web-static-cn"))
    region = rng.choice(base.REGIONS)
    host = f"{bucket}.oss-{region}.aliyuncs.com"
    key = quote(rng.choice(OBJECTS), safe="") if names_object else "-"
    uri = f"/{key}?x-oss-process=image%2Fresize" if names_object else "/?acl"
    status = base.pick(rng, **{"200": 90, "403": 6, "404": 4})
    return [
        *_request(rng, t, method, host, uri, status),
        *_object(rng, operation, bucket, key, region, status),
    ]


def _request(rng: random.Random, t: int, method: str, host: str, uri: str, status: str) -> base.Pairs:
    known = rng.random() < 0.85
    return [
        ("owner_id", base.ACCOUNT),
        ("client_ip", base.public_ip(rng)),
        ("time", time.strftime("%d/%b/%Y:%H:%M:%S", time.gmtime(t + 8 * 3600))),
        ("http_method", method),
        ("http_type", rng.choice(("http", "https"))),
        ("host", host),
        ("request_uri", uri),
        ("http_status", status),
        ("error_code", ERRORS.get(status, "-")),
        ("request_id", base.hex_id(rng, 24).upper()),
        ("requester_id", base.ACCOUNT if known else "-"),
        ("access_id", base.access_key_id(rng) if known else "-"),
        ("sign_type", "NormalSign" if known else "NotSign"),
        ("User-Agent", rng.choice(base.USER_AGENTS)),
        ("referer", rng.choice(("-", "https://www.example.com/download?a=1&b=2"))),
        ("request_length", str(rng.randint(180, 2400))),
        ("content_length_in", str(rng.randint(0, 4096))),
        ("content_length_out", str(rng.randint(0, 4_000_000))),
        ("response_body_length", str(rng.randint(0, 4_000_000))),
        ("response_time", str(rng.randint(2, 900))),
        ("server_cost_time", str(rng.randint(1, 300))),
    ]


def _object(
    rng: random.Random, operation: str, bucket: str, key: str, region: str, status: str
) -> base.Pairs:
    size = str(rng.randint(1, 10_000_000)) if key != "-" and status == "200" else "-"
    return [
        ("operation", operation),
        ("bucket", bucket),
        ("object", key),
        ("object_size", size),
        ("delta_data_size", size if operation == "PutObject" else "-"),
        ("bucket_location", f"oss-{region}"),
        ("bucket_storage_type", base.pick(rng, standard=8, infrequent_access=1, archive=1)),
        ("region", region),
        ("sync_request", base.pick(rng, **{"-": 9, "cdn": 1})),
        ("logging_flag", "true"),
        ("acc_access_region", "-"),
        ("vpc_id", "-"),
        ("vpc_addr", base.private_ip(rng)),
    ]


# Topic: documented. Source and group size: inferred (a collector that gathers for a moment).
MAKER = base.LogMaker("oss", "oss_access_log", "log_service", make, logs_per_group=(5, 60))
