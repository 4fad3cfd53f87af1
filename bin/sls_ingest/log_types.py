"""What is known of the topics that Alibaba Cloud documents. Pure data.

A topic may hold `*`. The first row that matches wins; a topic without a row is `alibaba:sls`, and nothing in
it is unfolded.
"""

from __future__ import annotations

from typing import Final

GENERIC_SOURCETYPE: Final = "alibaba:sls"

SOURCETYPES: Final[tuple[tuple[str, str], ...]] = (
    ("actiontrail_event", "alibaba:actiontrail"),
    ("actiontrail_audit_event", "alibaba:actiontrail"),
    ("oss_access_log", "alibaba:oss:access"),
    ("oss_batch_delete_log", "alibaba:oss:batch_delete"),
    ("oss_metering_log", "alibaba:oss:metering"),
    ("slb_layer7_access_log", "alibaba:slb:access"),
    ("alb_layer7_access_log", "alibaba:alb:access"),
    ("rds_audit_log", "alibaba:rds:audit"),
    ("rds_slow_log", "alibaba:rds:slow"),
    ("polardb_audit_log", "alibaba:polardb:audit"),
    ("drds_audit_log*", "alibaba:polardbx:audit"),
    ("waf_access_log", "alibaba:waf"),
    ("ddoscoo_access_log", "alibaba:ddos:access"),
    ("ddos_access_log", "alibaba:ddos:access"),
    ("cloudfirewall_access_log", "alibaba:cloudfirewall"),
    ("cloudfirewall_vpc_log", "alibaba:cloudfirewall:vpc"),
    ("sas-*", "alibaba:sas"),
    ("aegis-*", "alibaba:sas:host"),
    ("bastionhost", "alibaba:bastionhost"),
    ("flow_log", "alibaba:vpc:flow"),
    ("dns_intranet_log", "alibaba:dns"),
    ("dns_resolve_log", "alibaba:dns"),
    ("nas_audit_log", "alibaba:nas:audit"),
    ("redis_audit_log", "alibaba:redis:audit"),
    ("redis_proxy_audit_log", "alibaba:redis:audit"),
    ("mongo_audit_log", "alibaba:mongodb:audit"),
)

UNFOLDED: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("actiontrail_event", ("event",)),
    ("actiontrail_audit_event", ("event",)),
)
"""Topic -> the fields in which all of a record is one JSON text (documented)."""
