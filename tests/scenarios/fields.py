"""What a search shows: CIM fields and tags of the products' logs."""

from __future__ import annotations

from collections.abc import Iterator

from tests.knowledge import samples
from tests.knowledge.samples import Sample
from tests.scenarios.site import PROJECT, View
from tests.scenarios.stage import Stage, scenario
from tests.standins.ledger import NUMBER_FIELD, number_in

OF = ("alibaba:actiontrail", "alibaba:waf", "alibaba:vpc:flow", "alibaba:k8s:audit", "alibaba:rds:audit")
"""Sourcetypes whose samples are all sent. Of every other one that a topic tells, the first is."""


@scenario()
def samples_have_their_cim_fields_and_tags(stage: Stage) -> None:
    """Sample logs of some fifty sourcetypes, all there are of ActionTrail, WAF, VPC flow logs, Kubernetes
    audit and RDS audit, are found by a search with the CIM fields and tags that their authors wrote down for
    them.
    """
    sent = dict(enumerate(wanted(), 1))
    for number, sample in sent.items():
        send(stage, number, sample)
    for logstore in stage.logstores:
        over = overrides(stage, logstore)
        stage.create_input(logstore.replace("-", "_"), logstore=logstore, **over)
    stage.until(lambda: len(stage.events()) >= len(sent), 60, f"{len(sent)} samples")
    views = {int(number_in(view.event.raw) or 0): view for view in stage.views()}
    wrong = [line for number, sample in sent.items() for line in differences(sample, views[number])]
    assert not wrong, "\n".join(wrong)


def wanted() -> Iterator[Sample]:
    for folder in samples.folders():
        found = [samples.load(path) for path in samples.sample_paths(folder)]
        if samples.sourcetype_of(folder) in OF:
            yield from found
        elif samples.row_of(found[0].topic) is not None:
            yield found[0]


def send(stage: Stage, number: int, sample: Sample) -> None:
    """Into the stage's logstore, or into one that tells the log type where the topic does not."""
    log = [*sample.log.items(), (NUMBER_FIELD, f"{number:08d}")]
    stage.site.sls.put_logs(
        PROJECT,
        logstore_of(stage, sample),
        [(sample.time, log)],
        topic=sample.topic,
        source=sample.source,
        tags=sample.tags,
        shard=0,
    )


def logstore_of(stage: Stage, sample: Sample) -> str:
    if samples.row_of(sample.topic) is not None:
        return stage.name
    name = f"{stage.name}-{sample.path.parent.name}".replace("_", "-")
    return name if name in stage.logstores else stage.add_logstore(name)


def overrides(stage: Stage, logstore: str) -> dict[str, str]:
    """The sourcetype as a setting of the input, for logstores of one kind of logs."""
    kind = logstore[len(stage.name) + 1 :]
    return {"sourcetype": kind.replace("-", ":")} if kind else {}


def differences(sample: Sample, view: View) -> Iterator[str]:
    if view.event.sourcetype != sample.sourcetype:
        yield f"{sample.name}: sourcetype {view.event.sourcetype}"
    if tuple(sorted(view.tags)) != sample.expected_tags:
        yield f"{sample.name}: tags {sorted(view.tags)}, not {list(sample.expected_tags)}"
    for name, value in sample.expected_fields.items():
        expected = tuple(value) if isinstance(value, list) else value
        seen = view.fields.get(name)
        if (seen or None) != (expected or None):  # whether empty text makes a field is left open
            yield f"{sample.name}: {name} is {seen!r}, not {expected!r}"
