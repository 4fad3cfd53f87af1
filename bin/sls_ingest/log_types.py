"""What is known of the logs that Alibaba Cloud documents. Pure data.

Sources: the vendor's pages on Log Audit, on each product's log fields, and the topics they name. Field names
and topics that no page states are not here: such logs stay `alibaba:sls`, whole and unguessed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

GENERIC_SOURCETYPE: Final = "alibaba:sls"


class LogType(NamedTuple):
    """One kind of log.

    `topic` is the SLS topic and may hold `*`; empty where none is documented, or where it is a word that logs
    of anybody may have. Such logs are known by `logstore`, the name that Log Audit gives, or only by the
    sourcetype that an input is set to.
    `unfold` are the fields that hold JSON text. `time` is the field with a truer time than SLS's own; a dot
    leads into an unfolded field.
    """

    topic: str
    sourcetype: str
    vendor_product: str
    unfold: tuple[str, ...] = ()
    time: str = ""
    logstore: str = ""


_SAS = "Alibaba Cloud Security Center"

LOG_TYPES: Final[tuple[LogType, ...]] = (
    # who did what in the account
    LogType(
        "actiontrail_event",
        "alibaba:actiontrail",
        "Alibaba Cloud ActionTrail",
        ("event", "threat_sourceIpAddress"),
        "event.eventTime",
    ),
    LogType(
        "actiontrail_audit_event",
        "alibaba:actiontrail",
        "Alibaba Cloud ActionTrail",
        ("event",),
        "event.eventTime",
    ),
    LogType(
        "",
        "alibaba:config",
        "Alibaba Cloud Config",
        (
            "configuration",
            "configurationDiff",
            "relationship",
            "relationshipDiff",
            "tags",
            "annotation",
            "evaluationResultIdentifier",
        ),
        "captureTime",
    ),
    LogType(
        "",
        "alibaba:k8s:audit",
        "Alibaba Cloud Container Service for Kubernetes",
        (
            "user",
            "impersonatedUser",
            "sourceIPs",
            "objectRef",
            "responseStatus",
            "requestObject",
            "responseObject",
            "annotations",
        ),
        "stageTimestamp",
        "k8s_log",
    ),
    LogType("bastionhost", "alibaba:bastionhost", "Alibaba Cloud Bastionhost", ("threat_user_client_ip",)),
    LogType("appconnect_oplog", "alibaba:appconnect", "Alibaba Cloud App Connect"),
    LogType("cps_callback_event", "alibaba:cps", "Alibaba Cloud Mobile Push"),
    # storage
    LogType("oss_access_log", "alibaba:oss:access", "Alibaba Cloud OSS", ("threat_client_ip",)),
    LogType("oss_batch_delete_log", "alibaba:oss:batch_delete", "Alibaba Cloud OSS"),
    LogType("oss_metering_log", "alibaba:oss:metering", "Alibaba Cloud OSS"),
    LogType("nas_audit_log", "alibaba:nas:audit", "Alibaba Cloud NAS", ("threat_source_ip",), "microtime"),
    LogType("", "alibaba:nas:audit", "Alibaba Cloud NAS", time="ArrivalTime", logstore="nas-smb-access-log"),
    LogType("", "alibaba:nas:audit", "Alibaba Cloud NAS", logstore="nas-extreme-nfs"),
    # web
    LogType("slb_layer7_access_log", "alibaba:slb:access", "Alibaba Cloud SLB", ("threat_client_ip",)),
    LogType("alb_layer7_access_log", "alibaba:alb:access", "Alibaba Cloud ALB"),
    LogType("waf_access_log", "alibaba:waf", "Alibaba Cloud WAF", ("threat_real_client_ip",)),
    LogType("antibot_access_log", "alibaba:antibot", "Alibaba Cloud Anti-Bot"),
    LogType(
        "ddoscoo_access_log", "alibaba:ddos:access", "Alibaba Cloud Anti-DDoS", ("threat_real_client_ip",)
    ),
    LogType("ddosdip_access_log", "alibaba:ddos:access", "Alibaba Cloud Anti-DDoS"),
    LogType("ddos_access_log", "alibaba:ddos:access", "Alibaba Cloud Anti-DDoS"),
    LogType("ddosbgp_access_log", "alibaba:ddos:origin", "Alibaba Cloud Anti-DDoS Origin"),
    LogType("ddosbqp_access_log", "alibaba:ddos:origin", "Alibaba Cloud Anti-DDoS Origin"),
    LogType("csb_gateway_access_log", "alibaba:csb", "Alibaba Cloud Service Bus"),
    LogType(
        "",
        "alibaba:apigateway",
        "Alibaba Cloud API Gateway",
        ("threat_client_ip",),
        logstore="apigateway_log",
    ),
    # databases
    LogType("rds_audit_log", "alibaba:rds:audit", "Alibaba Cloud RDS", ("threat_client_ip",), "origin_time"),
    LogType("rds_slow_log", "alibaba:rds:slow", "Alibaba Cloud RDS"),
    LogType("rds_slow_log_pg", "alibaba:rds:slow", "Alibaba Cloud RDS"),
    LogType("polardb_slow_log", "alibaba:rds:slow", "Alibaba Cloud RDS"),
    LogType(
        "polardb_audit_log",
        "alibaba:polardb:audit",
        "Alibaba Cloud PolarDB",
        ("threat_client_ip",),
        "origin_time",
    ),
    LogType("drds_audit_log*", "alibaba:polardbx:audit", "Alibaba Cloud PolarDB-X", ("threat_client_ip",)),
    LogType("polardbx_sqlaudit", "alibaba:polardbx:audit", "Alibaba Cloud PolarDB-X"),
    LogType("redis_audit_log", "alibaba:redis:audit", "Alibaba Cloud Tair (Redis)", time="time"),
    LogType("redis_proxy_audit_log", "alibaba:redis:audit", "Alibaba Cloud Tair (Redis)", time="time"),
    LogType("redis_slow_log", "alibaba:redis:audit", "Alibaba Cloud Tair (Redis)", time="time"),
    LogType("redis_proxy_slow_log", "alibaba:redis:audit", "Alibaba Cloud Tair (Redis)", time="time"),
    LogType("redis_run_log", "alibaba:redis:run", "Alibaba Cloud Tair (Redis)", time="time"),
    LogType("mongo_audit_log", "alibaba:mongodb:audit", "Alibaba Cloud ApsaraDB for MongoDB"),
    LogType("mongo_run_log", "alibaba:mongodb:run", "Alibaba Cloud ApsaraDB for MongoDB"),
    LogType("mongo_slow_log", "alibaba:mongodb:run", "Alibaba Cloud ApsaraDB for MongoDB", time="time"),
    # network
    LogType(
        "cloudfirewall_access_log",
        "alibaba:cloudfirewall",
        "Alibaba Cloud Firewall",
        ("threat_src_ip", "threat_dst_ip"),
        "end_time",
    ),
    LogType("cloudfirewall_vpc_log", "alibaba:cloudfirewall:vpc", "Alibaba Cloud Firewall", time="end_time"),
    LogType("flow_log", "alibaba:vpc:flow", "Alibaba Cloud VPC", time="start"),
    LogType("eip", "alibaba:eip", "Alibaba Cloud EIP", time="timestamp"),
    LogType("dns_intranet_log", "alibaba:dns", "Alibaba Cloud DNS"),
    LogType("dns_resolve_log", "alibaba:dns", "Alibaba Cloud DNS"),
    # Security Center and its agents on hosts
    LogType("sas-security-log", "alibaba:sas:alert", _SAS, ("detail",)),
    LogType("sas-vul-log", "alibaba:sas:vulnerability", _SAS, ("extend_content",)),
    LogType("sas-hc-log", "alibaba:sas:baseline", _SAS),
    LogType("sas-cspm-log", "alibaba:sas:baseline", _SAS, ("instance_result",)),
    LogType("sas-rasp-log", "alibaba:sas:rasp", _SAS, ("headers",)),
    LogType("sas-net-block", "alibaba:sas:netblock", _SAS),
    LogType("sas-filedetect-log", "alibaba:sas:filedetect", _SAS),
    LogType("sas-agentless-log", "alibaba:sas:agentless", _SAS, ("result",), "start_time"),
    LogType("aegis-file-protect-log", "alibaba:sas:fileprotect", _SAS, time="start_time"),
    LogType("aegis-log-login", "alibaba:sas:login", _SAS, ("threat_warn_ip",)),
    LogType("aegis-log-crack", "alibaba:sas:crack", _SAS, ("threat_warn_ip",)),
    LogType("aegis-log-process", "alibaba:sas:process", _SAS),
    LogType("aegis-snapshot-process", "alibaba:sas:process", _SAS),
    LogType("aegis-log-network", "alibaba:sas:network", _SAS, ("threat_src_ip", "threat_dst_ip")),
    LogType("aegis-snapshot-port", "alibaba:sas:port", _SAS, ("threat_src_ip",)),
    LogType("aegis-snapshot-host", "alibaba:sas:account", _SAS),
    LogType("aegis-log-client", "alibaba:sas:client", _SAS),
    LogType("aegis-log-dns-query", "alibaba:sas:dns", _SAS),
    LogType("sas-log-dns", "alibaba:sas:dns", _SAS, ("threat_src_ip", "threat_dst_ip", "threat_qname")),
    LogType("local-dns", "alibaba:sas:dns", _SAS, ("threat_src_ip", "threat_query_name")),
    LogType("sas-log-http", "alibaba:sas:http", _SAS, ("threat_src_ip", "threat_dst_ip")),
    LogType("sas-log-session", "alibaba:sas:session", _SAS, ("threat_src_ip", "threat_dst_ip")),
    LogType("sas-*", "alibaba:sas", _SAS),
    LogType("aegis-*", "alibaba:sas", _SAS),
)
