"""Errors, named for what the catcher does with them."""

from __future__ import annotations


class ConfigError(ValueError):
    """A setting is wrong: show the text to the person who set it and stop; a retry cannot help.

    The text is one sentence that names the setting, the value given and what is accepted.
    """

    def __init__(self, setting: str, value: object, accepted: str) -> None:
        super().__init__(f"{setting}: '{value}' is not accepted; {accepted}.")
        self.setting = setting


class RetriableError(Exception):
    """Something outside failed and may heal: wait and try again, moving no checkpoint.

    `kind` groups failures that are one trouble to a person, such as an SLS error code.
    """

    def __init__(self, sentence: str, kind: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind or sentence


class DefiniteError(RetriableError):
    """The other side looked and said no, and says so again until a setting is changed, here or there."""


class NotMovedError(Exception):
    """A checkpoint is not moved, for a reason that a person can do something about: the text is what to
    show."""


class FatalError(Exception):
    """This process cannot go on: stop in order, moving no checkpoint past what was written."""


class PipeClosedError(FatalError):
    """splunkd closed the event pipe: nothing more can be delivered by this process."""


class BadBatchError(RetriableError):
    """A fetched batch could not be parsed; a second fetch of the same cursor may give it whole."""
