"""The checks of an input: those of its account, the way to its logstore, into it, and what Splunk has for it.

They change nothing in SLS; probes.py says how.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Callable

from . import outcomes, policy, settings
from .account_checks import CA_FILE, CREDENTIALS, SETTINGS, AccountChecks, Site, tried
from .checklist import Check
from .credentials import CurrentAccount
from .errors import RetriableError
from .explain import Target
from .outcomes import Outcome
from .probes import Probes
from .reach import UnreachableError, Way
from .transport import Access
from .verdict import FAILED, OK, SKIPPED, WARNING, Result, found

NAME, TCP, PROXY, TLS, ANSWER, CLOCK = "DNS", "TCP", "proxy", "TLS", "answer", "clock"
SIGN_IN, PROJECT, LOGSTORE, SHARDS = "sign-in", "project", "logstore", "shards"
GROUPS, GROUP, START, INDEX = "consumer groups", "consumer group", "start", "index"
# The calls that are asked, in this order, how far one comes: those that only read.
_WITNESSES = (policy.LIST_SHARDS, policy.GET_CHECKPOINT, policy.LIST_GROUPS, policy.READ)


class InputChecks(AccountChecks):
    """Those of its account, and the way to its logstore and into it."""

    def __init__(
        self, stanza: str, params: Mapping[str, str], site: Site, protect: Callable[..., None]
    ) -> None:
        super().__init__(lambda: site.account(self._input.account), site, protect)
        self._stanza, self._params = stanza, params
        self._input: settings.InputSettings
        self._way: Way
        self._failed_step: UnreachableError | None = None
        self._date, self._then = "", 0.0  # of the unsigned call: Date header, and our time
        self._lazy_probes: Probes | None = None

    def all(self) -> list[Check]:
        first, ca_file, credentials = super().all()
        # From here on the way into the logstore is known to be fine: slowness alone refuses nothing any more.
        inside = [
            Check(SHARDS, (LOGSTORE,), self.shards, WARNING),
            *(
                Check(action.name, (LOGSTORE,), partial(self.action, action), WARNING)
                for action in policy.ACTIONS
            ),
            Check(GROUPS, (LOGSTORE,), self.groups, WARNING),
            Check(GROUP, (LOGSTORE,), self.group, WARNING),
            Check(START, (LOGSTORE,), self.start, WARNING),
            Check(INDEX, (SETTINGS,), self.index, WARNING),
        ]
        return [
            first,
            ca_file,
            Check(NAME, (SETTINGS,), lambda: tried(NAME, self._way.resolve)),
            Check(TCP, (NAME,), lambda: tried(TCP, self._way.connect)),
            Check(PROXY, (TCP, CA_FILE), self.proxy),
            Check(TLS, (PROXY,), self.tls),
            Check(ANSWER, (TLS,), self.answer),
            Check(CLOCK, (ANSWER,), self.clock),
            credentials,
            Check(SIGN_IN, (CLOCK, CREDENTIALS), self.sign_in),
            Check(PROJECT, (SIGN_IN,), self.project),
            Check(LOGSTORE, (PROJECT,), self.logstore),
            *inside,
        ]

    def close(self) -> None:
        """Close the connections to SLS."""
        if self._lazy_probes is not None:
            self._lazy_probes.close()

    def _read(self) -> None:
        self._input = settings.parse_input(self._params, self._stanza)
        super()._read()
        settings.check_transport(self._input, self._account)
        endpoint = self._input.endpoint
        url = f"{endpoint.scheme}://{self._input.project}.{endpoint.host}:{endpoint.port}"
        self._way = Way(url, self._proxy, self._network)

    # -- the way to SLS

    def proxy(self) -> Result:
        """Makes the unsigned call, which tells of TLS and clock as well."""
        try:
            answer, self._then = self._way.knock()
        except UnreachableError as error:
            self._failed_step = error
        else:
            self._date = answer.date
        hop = self._way.hop()
        whence = "" if self._proxy else " from this shell's environment"
        sentence = f"calls go through proxy '{hop.host}:{hop.port}'{whence}"
        return self._step(PROXY, sentence if hop.is_proxy else "no proxy is used")

    def tls(self) -> Result:
        if self._input.endpoint.scheme == "http":
            return Result(TLS, OK, "plain http, which the account allows")
        return self._step(TLS, "the certificate is trusted and for this name")

    def answer(self) -> Result:
        return self._step(ANSWER, f"'{self._way.host}' answers")

    def _step(self, check: str, fine: str) -> Result:
        error = self._failed_step
        return found(check, FAILED, str(error)) if error and error.step == check else Result(check, OK, fine)

    def clock(self) -> Result:
        return outcomes.judge_clock(CLOCK, self._date, self._then, self._target)

    @property
    def _target(self) -> Target:
        """For sentences, before there is anything to sign with, too."""
        wanted, account = self._input, self._account
        names = wanted.endpoint.url, wanted.project, wanted.logstore, wanted.consumer_group
        return Target(account.name, account.access_key_id, *names, account.is_renewed)

    # -- into the logstore

    @property
    def _probes(self) -> Probes:
        if self._lazy_probes is None:
            account, key, logger = self._account, self._key, logging.getLogger(__name__)
            current = CurrentAccount(account, logger, lambda: account, lambda _: key)
            self._lazy_probes = Probes(Access(self._input, current, self._proxy, self._network))
        return self._lazy_probes

    @property
    def _signer(self) -> Target:
        return self._target._replace(access_key_id=self._key.id)

    def _explained(self, outcome: Outcome) -> str:
        return outcomes.explained(outcome, self._signer)

    def sign_in(self) -> Result:
        outcome = self._probes.outcome(policy.LIST_SHARDS)
        if outcomes.reached(outcome) in (outcomes.NETWORK, outcomes.SIGN_IN):
            return found(SIGN_IN, FAILED, self._explained(outcome), outcome.code)
        if self._witness(outcomes.has_signed_in):
            return Result(SIGN_IN, OK, f"SLS accepts '{self._key.id}'")
        return self._cannot_be_told(SIGN_IN)

    def project(self) -> Result:
        name, ends_here = self._input.project, outcomes.PROJECT
        return self._exists(PROJECT, f"project '{name}' exists", ends_here, outcomes.LOGSTORE)

    def logstore(self) -> Result:
        name, ends_here = self._input.logstore, outcomes.LOGSTORE
        return self._exists(LOGSTORE, f"logstore '{name}' exists", ends_here, outcomes.INSIDE)

    def _exists(self, check: str, fine: str, ends_here: int, beyond: int) -> Result:
        missing = self._witness(lambda outcome: outcomes.reached(outcome) == ends_here)
        if missing:
            return found(check, FAILED, self._explained(missing), missing.code)
        if self._witness(lambda outcome: outcomes.reached(outcome) in (beyond, outcomes.INSIDE)):
            return Result(check, OK, fine)
        return self._cannot_be_told(check)

    def _witness(self, tells: Callable[[Outcome], bool]) -> Outcome | None:
        """The first call whose outcome `tells`; no more calls are made than are needed."""
        made = map(self._probes.outcome, _WITNESSES)
        return next((outcome for outcome in made if tells(outcome)), None)

    def _cannot_be_told(self, check: str) -> Result:
        outcome = self._probes.outcome(policy.LIST_SHARDS)
        return Result(check, WARNING, f"cannot be told: {self._explained(outcome)}")

    def shards(self) -> Result:
        statuses = self._probes.outcome(policy.LIST_SHARDS).answer
        if statuses is None:
            return Result(SHARDS, SKIPPED, f"cannot be told without {policy.LIST_SHARDS}")
        threads = self._input.fetch_threads
        return outcomes.judge_shards(SHARDS, self._input.logstore, list(statuses.values()), threads)

    def action(self, action: policy.Action) -> Result:
        exists = self._group_exists()
        if action.name == policy.UPDATE_GROUP and exists is not False:  # an update could change it
            return outcomes.judge_update_unasked(action.name, self._input.consumer_group, exists)
        return outcomes.judge_action(action, self._probes.outcome(action.name), self._signer, exists)

    def _group_exists(self) -> bool | None:
        """None where SLS does not tell."""
        groups = self._probes.outcome(policy.LIST_GROUPS).answer
        if groups is not None:
            return self._input.consumer_group in groups
        outcome = self._probes.outcome(policy.GET_CHECKPOINT)
        return {"": True, "ConsumerGroupNotExist": False}.get(outcome.code)

    def groups(self) -> Result:
        target, groups = self._target, self._probes.outcome(policy.LIST_GROUPS).answer
        if self._probes.outcome(policy.CREATE_GROUP).code == "ConsumerGroupQuotaExceed":
            return outcomes.no_room(GROUPS, target)
        if groups is None:
            return Result(GROUPS, SKIPPED, f"cannot be told without {policy.LIST_GROUPS}")
        return outcomes.judge_room(GROUPS, target, len(groups), self._input.consumer_group in groups)

    def group(self) -> Result:
        groups, name = self._probes.outcome(policy.LIST_GROUPS).answer, self._input.consumer_group
        if groups is None:
            return Result(GROUP, SKIPPED, f"cannot be told without {policy.LIST_GROUPS}")
        wanted = outcomes.Group(self._input.heartbeat_interval * 2, self._input.in_order)
        return outcomes.judge_group(GROUP, name, groups.get(name), wanted)

    def start(self) -> Result:
        now = time.time()
        start = self._input.start.resolve(now)
        if any((self._probes.outcome(policy.GET_CHECKPOINT).answer or {}).values()):
            return Result(START, OK, "the consumer group has checkpoints, and reading goes on from these")
        if isinstance(start, str):
            return Result(START, OK, f"reading starts at the {start} of each shard")
        ttl = self._probes.retention()
        if ttl is None:
            return Result(START, SKIPPED, "cannot be told without log:GetLogStore, which nothing else needs")
        return outcomes.judge_start(START, start, ttl, now)

    # -- on the side of Splunk

    def index(self) -> Result:
        routes = [index for _, index in self._input.index_routes]
        names = list(dict.fromkeys([self._input.index, *routes]))
        there = {name: self._has_index(name) for name in names if name}
        missing = " and ".join(f"'{name}'" for name, known in there.items() if known is False)
        if missing:
            remedy = "create it, unless the indexers behind this forwarder have it"
            return Result(INDEX, WARNING, f"this Splunk instance has no index {missing}", remedy)
        if None in there.values():
            return Result(INDEX, SKIPPED, "cannot be told: splunkd does not say which indexes it has")
        named = " and ".join(f"'{name}'" for name in there)
        sentence = f"this Splunk instance has index {named}" if named else "the default index is used"
        return Result(INDEX, OK, sentence)

    def _has_index(self, name: str) -> bool | None:
        try:
            return self._site.has_index(name)
        except RetriableError:
            return None
