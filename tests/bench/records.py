"""Makers of the logs that data_makers has not: long WAF records, application logs, access lines."""

from __future__ import annotations

import random
import time
from urllib.parse import quote

from tests.data_makers import MAKERS, Pairs
from tests.data_makers.base import guid, hex_id, iso_china, private_ip, public_ip

_TEXT = """order payment user session request cache upstream retry accepted rejected timeout connection queue
worker batch stored missing invalid token refreshed customer basket invoice shipped pending item stock
warehouse callback signature verified expired limit reached partition leader replica offset commit"""
WORDS = tuple(_TEXT.split())
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.{}.{}"
    " Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/{}.{}.{} Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/{}.{}.{} Mobile/15E148 Safari/604.1",
)
SERVICES = ("checkout", "catalog", "identity", "notification", "search-api")
PATHS = ("/index.html", "/api/v2/orders/export", "/static/js/app.9f3c.js", "/img/banner-1280.webp", "/login")


def waf(rng: random.Random, t: int) -> Pairs:
    """A WAF record with what browsers really send: long cookies, queries, referers and user agents."""
    record = dict(MAKERS["waf"].make(rng, t))
    if record["web_attack_type"] == "-":
        record["querystring"] = _query(rng)
    if rng.random() < 0.8:
        record["http_user_agent"] = _user_agent(rng)
    record["http_cookie"] = _cookie(rng, t)
    record["http_referer"] = f"https://www.example.com/news/search.php?{_query(rng)}"
    return list(record.items())


def application(rng: random.Random, t: int) -> Pairs:
    """An application's log of 20 fields: text, ids, numbers."""
    service = rng.choice(SERVICES)
    trace = hex_id(rng, 32)
    customer, order = rng.randint(1, 10**6), rng.randint(10**6, 10**7)
    return [
        ("time", iso_china(t)),
        ("level", rng.choice(("INFO", "INFO", "INFO", "WARN", "ERROR"))),
        ("logger", f"com.example.shop.{service.replace('-', '')}.service.OrderProcessingService"),
        ("thread", f"http-nio-8080-exec-{rng.randint(1, 200)}"),
        ("message", _sentence(rng)),
        ("trace_id", trace),
        ("span_id", trace[:16]),
        ("request_id", guid(rng)),
        ("user_id", str(rng.randint(10**9, 10**10))),
        ("tenant", f"tenant-{rng.randint(1, 40):04d}"),
        ("client_ip", public_ip(rng)),
        ("url", f"https://{service}.example.com/api/v2/orders/{order}/items?expand=price"),
        ("http_status", rng.choice(("200", "200", "200", "404", "500"))),
        ("duration_ms", str(rng.randint(1, 3000))),
        ("sql", f"SELECT id, state, price FROM orders WHERE customer = {customer} ORDER BY id LIMIT 50"),
        ("pod", f"{service}-{hex_id(rng, 10)}-{hex_id(rng, 5)}"),
        ("node_ip", private_ip(rng)),
        ("image", f"registry.example.com/shop/{service}:2024.3.{rng.randint(1, 9)}"),
        ("exception", _exception(rng)),
        ("cluster", "prod-cn-hangzhou-1"),
    ]


def access(rng: random.Random, t: int) -> Pairs:
    """An access line in 6 fields."""
    method, path = rng.choice(("GET", "GET", "POST")), rng.choice(PATHS)
    return [
        ("remote_addr", public_ip(rng)),
        ("time_local", time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(t))),
        ("request", f"{method} {path}?v={rng.randint(1, 10**6)}&lang=zh-CN HTTP/1.1"),
        ("status", rng.choice(("200", "200", "200", "304", "404"))),
        ("bytes", str(rng.randint(120, 90_000))),
        ("request_time", f"{rng.random():.3f}"),
    ]


def _user_agent(rng: random.Random) -> str:
    """A browser with a version of its own."""
    return rng.choice(BROWSERS).format(rng.randint(96, 131), rng.randint(0, 6700), rng.randint(0, 240))


def _query(rng: random.Random) -> str:
    """A query string such as a shop's search pages have."""
    words = quote(" ".join(rng.choices(WORDS, k=3)))
    page, spm = rng.randint(1, 40), rng.randint(10**6, 10**7)
    return (
        f"keyword={words}&page={page}&size=20&sort=price_asc&utm_source=newsletter&utm_medium=email"
        f"&utm_campaign=summer-sale&spm=a2c4g.{spm}.0.0&sid={hex_id(rng, 24)}"
    )


def _cookie(rng: random.Random, t: int) -> str:
    """A session, and the ids and times of tracking scripts."""
    first, second = rng.randint(10**8, 10**9), rng.randint(10**8, 10**9)
    return (
        f"SESSIONID={hex_id(rng, 32)}; lang=zh-CN; _ga=GA1.2.{first}.{t - rng.randint(0, 10**6)};"
        f" cna={guid(rng)}; _fbp=fb.1.{t}123.{second}; theme=dark; consent=analytics%3Atrue%2Cads%3Afalse"
    )


def _exception(rng: random.Random) -> str:
    return f"java.net.SocketTimeoutException: {_sentence(rng)}" if rng.random() < 0.2 else "-"


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(10, 28))) + "."
