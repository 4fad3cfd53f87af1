"""A REST handler that answers with what it was handed."""

import json

import splunk.admin as admin


class Handler(admin.MConfigHandler):
    def setup(self):
        self.supportedArgs.addOptArg("text")
        self.supportedArgs.addOptArg("empty")

    def handleList(self, confInfo):  # noqa: N802, N803 - names of Splunk's own
        self._answer(confInfo, "list")

    def handleCreate(self, confInfo):  # noqa: N802, N803
        self._answer(confInfo, "create")

    def _answer(self, conf_info, action):
        told = {
            "action": action,
            "requested": self.requestedAction,
            "id": self.callerArgs.id,
            "data": {name: list(values) for name, values in self.callerArgs.data.items()},
            "app": self.appName,
            "user": self.userName,
            "custom": self.customAction or "",
            "has key": bool(self.getSessionKey()),
        }
        conf_info["told"]["json"] = json.dumps(told, sort_keys=True)


if __name__ == "__main__":
    admin.init(Handler, admin.CONTEXT_APP_AND_USER)
