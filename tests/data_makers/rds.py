"""RDS SQL audit logs: one record per statement, statements of several lines and odd characters included."""

from __future__ import annotations

import random

from tests.data_makers import base

STATEMENTS = (
    "SELECT id, name FROM users WHERE email = 'alice@example.com' LIMIT 1",
    "UPDATE orders SET state = 'paid' WHERE id = 42",
    "INSERT INTO audit(msg) VALUES ('张三 logged in; quote \\' and \"double\"')",
    "SELECT o.id,\n       SUM(i.price)\nFROM orders o\n\tJOIN items i ON i.order_id = o.id\nGROUP BY o.id",
    "SELECT * FROM t WHERE a < 5 AND b > 3 AND c & 1 -- ]]>",
    "login success!",
    "logout!",
    "DROP TABLE IF EXISTS tmp_report",
)


def make(rng: random.Random, t: int) -> base.Pairs:
    sql = rng.choice(STATEMENTS)
    if rng.random() < 0.02:  # A bulk insert of tens of kilobytes: the long tail of this log.
        sql = "INSERT INTO bulk VALUES " + ",".join(f"({n},'{base.hex_id(rng, 16)}')" for n in range(1500))
    failed = rng.random() < 0.05
    rows = 0 if failed else rng.randint(0, 500)
    return [
        ("owner_id", base.ACCOUNT),
        ("region", rng.choice(base.REGIONS)),
        ("instance_name", "orders-primary"),
        ("instance_id", "rm-bp1a2b3c4d5e6f7g8"),
        ("db_type", "mysql"),
        ("db_version", "8.0"),
        ("db", rng.choice(("orders", "crm", ""))),
        ("user", rng.choice(("app_rw", "report_ro", "root"))),
        ("client_ip", base.private_ip(rng)),
        ("thread_id", str(rng.randint(1000, 99_999))),
        ("origin_time", str(t * 1_000_000 + rng.randint(0, 999_999))),
        ("latency", str(rng.randint(50, 900_000))),
        ("check_rows", str(rows * rng.randint(1, 20))),
        ("return_rows", str(rows if sql.startswith("SELECT") else 0)),
        ("update_rows", str(rows if sql.startswith(("UPDATE", "INSERT")) else 0)),
        ("fail", "1" if failed else "0"),
        ("sql", sql),
    ]


# Topic: documented. Source and group size: inferred. The unit of origin_time is unknown: microseconds here.
MAKER = base.LogMaker("rds", "rds_audit_log", "log_service", make, logs_per_group=(1, 40))
