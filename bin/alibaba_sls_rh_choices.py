"""REST handler of the drop-downs: lists what SLS has, with the account and the endpoint of the form.

An account is named in the URL; what it signs with is read here, from Splunk's credential store, with the
rights of the person in front of the page.
"""

from __future__ import annotations

from typing import Any

import import_declare_test  # noqa: F401  sets sys.path
from splunk import admin
from splunktaucclib.rest_handler.admin_external import get_splunkd_endpoint

from sls_ingest.choices import ASKED_WITH, offered


class ChoicesHandler(admin.MConfigHandler):  # type: ignore[misc]
    """GET with some of ASKED_WITH; each entry has a `value`, and a `label` to show."""

    def setup(self) -> None:
        for name in ASKED_WITH:
            self.supportedArgs.addOptArg(name)

    def handleList(self, confInfo: Any) -> None:  # noqa: N802, N803  # splunkd's names
        given = {name: (self.callerArgs.data.get(name) or [None])[0] or "" for name in ASKED_WITH}
        for value, label in offered(given, get_splunkd_endpoint(), self.getSessionKey()):
            confInfo[value]["value"] = value
            confInfo[value]["label"] = label


if __name__ == "__main__":
    admin.init(ChoicesHandler, admin.CONTEXT_APP_ONLY)
