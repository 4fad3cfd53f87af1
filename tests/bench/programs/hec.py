"""What the vendor's sample program does: one HTTP POST to the event collector for each log."""

from __future__ import annotations

import json

import requests
from aliyun.log import PullLogResponse
from aliyun.log.consumer import ConsumerProcessorBase
from place import GIVEN, consume


class ToCollector(ConsumerProcessorBase):  # type: ignore[misc]  # the SDK has no types
    """Posts each log as an event: its JSON text, inside the JSON of the collector."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__()
        self._url = url
        self._session = requests.session()
        self._session.headers["Authorization"] = f"Splunk {token}"

    def process(self, log_groups, check_point_tracker):  # type: ignore[no-untyped-def]
        logs = PullLogResponse.loggroups_to_flattern_list(log_groups, time_as_str=True, decode_bytes=True)
        for log in logs:
            event = {"time": log["__time__"], "sourcetype": "alibaba:sls", "event": json.dumps(log)}
            answer = self._session.post(self._url, data=json.dumps(event, sort_keys=True), timeout=120)
            answer.raise_for_status()
        self.save_checkpoint(check_point_tracker)


if __name__ == "__main__":
    consume(ToCollector, GIVEN["sink"], GIVEN["token"])
