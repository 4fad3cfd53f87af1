"""Kubernetes API server audit (ACK). The content follows audit.k8s.io/v1 Event.

How SLS lays the nested parts out and which topic they get is not documented: here every nested part is
one JSON text, the topic is empty and the tags are those that a log agent sets. A reader without a rule
for it must still deliver it as a generic record.
"""

from __future__ import annotations

import json
import random
from typing import Any

from tests.data_makers import base

RESOURCES = (
    ("pods", "", "v1"),
    ("secrets", "", "v1"),
    ("deployments", "apps", "v1"),
    ("nodes", "", "v1"),
    ("clusterrolebindings", "rbac.authorization.k8s.io", "v1"),
)
CODES = {"get": 200, "list": 200, "create": 201, "patch": 200, "delete": 200, "update": 200}


def make(rng: random.Random, t: int) -> base.Pairs:
    verb = base.pick(rng, get=40, list=25, create=12, patch=12, update=6, delete=5)
    resource, group, version = rng.choice(RESOURCES)
    namespace = rng.choice(("default", "kube-system", "shop"))
    name = f"{resource.rstrip('s')}-{base.hex_id(rng, 8)}"
    forbidden = rng.random() < 0.06
    prefix = f"/apis/{group}/{version}" if group else f"/api/{version}"
    stamp = base.iso_utc(t)[:-1] + f".{rng.randint(0, 999_999):06d}Z"
    nested: dict[str, Any] = {
        "user": _user(rng),
        "sourceIPs": [base.private_ip(rng)],
        "objectRef": {
            "resource": resource,
            "namespace": namespace,
            "name": name,
            "apiGroup": group,
            "apiVersion": version,
        },
        "responseStatus": _status(verb, forbidden, resource),
        "annotations": {
            "authorization.k8s.io/decision": "forbid" if forbidden else "allow",
            "authorization.k8s.io/reason": 'RBAC: allowed by ClusterRoleBinding "cluster-admin"',
        },
    }
    return [
        ("kind", "Event"),
        ("apiVersion", "audit.k8s.io/v1"),
        ("level", rng.choice(("Metadata", "Request", "RequestResponse"))),
        ("auditID", base.guid(rng).lower()),
        ("stage", "ResponseComplete"),
        ("requestURI", f"{prefix}/namespaces/{namespace}/{resource}/{name}?timeout=32s&pretty=true"),
        ("verb", verb),
        (
            "userAgent",
            rng.choice(("kubectl/v1.28.3 (linux/amd64) kubernetes/a8a1abc", "kube-controller-manager")),
        ),
        *[(key, json.dumps(value)) for key, value in nested.items()],
        ("requestReceivedTimestamp", stamp),
        ("stageTimestamp", stamp),
    ]


def _user(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.3:
        return {"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]}
    account = rng.choice(("deployer", "default", "metrics-server"))
    return {
        "username": f"system:serviceaccount:kube-system:{account}",
        "uid": base.guid(rng).lower(),
        "groups": ["system:serviceaccounts", "system:authenticated"],
        "extra": {"authentication.kubernetes.io/pod-name": [f"{account}-0"]},
    }


def _status(verb: str, forbidden: bool, resource: str) -> dict[str, Any]:
    if forbidden:
        return {
            "metadata": {},
            "status": "Failure",
            "reason": "Forbidden",
            "code": 403,
            "message": f'{resource} is forbidden: User "dev" cannot {verb} resource "{resource}"',
        }
    return {"metadata": {}, "code": CODES[verb]}


MAKER = base.LogMaker(
    "k8s",
    "",
    "172.16.0.11",
    make,
    tags=(
        ("__hostname__", "master-01.cluster.local"),
        ("__path__", "/var/log/kubernetes/kubernetes.audit"),
        ("__pack_id__", "5A3C1B2D4E6F7081-1a"),
    ),
    logs_per_group=(20, 200),
)
