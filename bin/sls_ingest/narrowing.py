"""Finding the log group that cannot be read, without giving up any other. Pure.

A batch may come damaged once, on its way, or be damaged for good where it lies. So:
1. a damaged batch is fetched again, FETCHES times in all;
2. then in halves, until a single log group is left that fails;
3. that one is fetched again, uncompressed, FETCHES times and until PATIENCE has passed since the first
   failure;
4. only then it is passed by.
Whatever can be read on the way is delivered as usual.
"""

from __future__ import annotations

FETCHES = 3  # of a batch before it is halved, and of a single log group before it is passed by
# Seconds of failing before a log group is passed by: a passing trouble at SLS may last a while.
PATIENCE = 10.0
_UNIT_WAIT = 1.0  # seconds between fetches of a single log group


class Narrowing:
    """The search of one shard. `limit` is the most log groups to fetch at once, None = as set."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self.wait: float | None = 0.0
        """Seconds to wait before the next fetch; None = as long as back-off says."""
        self._tries = 0
        self._cursor = ""
        self._since = 0.0
        self._suspects = 0  # log groups from the cursor on, one of which is damaged; 0 = no search

    @property
    def uncompressed(self) -> bool:
        """Whether to fetch without compression, which rules the codec out."""
        return self.limit == 1

    def failed(self, cursor: str, groups: int, now: float) -> bool:
        """`groups` log groups from `cursor` on could not be read, at `now` (seconds, any clock).

        Returns:
            True when they are one log group that is to be passed by.
        """
        if not self._suspects and not self._tries:
            self._since = now
        if cursor != self._cursor:
            self._cursor, self._tries = cursor, 0
        self._tries += 1
        if self._suspects and groups == 1:
            self.wait = _UNIT_WAIT
            return self._tries >= FETCHES and now - self._since >= PATIENCE
        if self._suspects or self._tries >= FETCHES:
            self._halve(groups)
        else:
            self.wait = None
        return False

    def _halve(self, suspects: int) -> None:
        self._suspects, self.limit = suspects, max(1, suspects // 2)
        self.wait, self._tries = 0.0, 0

    def read(self, groups: int) -> None:
        """`groups` log groups were read well; the search goes on in what is left of the suspects."""
        if not self._tries and not self._suspects:
            return
        left = self._suspects - groups
        if left > 0:
            self._halve(left)
        else:
            self.over()

    def over(self) -> None:
        """The search has ended: fetch as set again."""
        self.limit, self._suspects, self._tries, self._cursor = None, 0, 0, ""
