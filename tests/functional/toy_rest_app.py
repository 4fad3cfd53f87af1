"""A small app for tests of the Splunk stand-in: a scheme with a validator, a REST handler, a page."""

from __future__ import annotations

from pathlib import Path

APP = "toy_app"

_FILES = {
    "default/app.conf": "[ui]\nlabel = Toy\nis_visible = 1\n[launcher]\nversion = 1.2.3\n",
    "default/inputs.conf": "[toy]\ninterval = 3600\n\n[toy://shipped]\ncolour = red\ndisabled = 1\n",
    "default/restmap.conf": (
        "[admin:toy]\nmatch = /\nmembers = toy_things, toy_broken\n\n"
        "[admin_external:toy_things]\nhandlertype = python\nhandlerfile = toy_handler.py\n"
        "handleractions = edit, list, remove, create\nhandlerpersistentmode = true\n\n"
        "[admin_external:toy_broken]\nhandlertype = python\n"
        "handlerfile = toy_broken.py\nhandleractions = list\n"
    ),
    "default/web.conf": (
        "[expose:toy_things]\npattern = toy_things\nmethods = GET, POST\n\n"
        "[expose:toy_things_one]\npattern = toy_things/*\nmethods = GET, POST, DELETE\n"
    ),
    "default/data/ui/nav/default.xml": '<nav><view name="inputs" default="true" /></nav>\n',
    "default/data/ui/views/inputs.xml": (
        '<view template="toy_app:/templates/base.html" type="html"><label>Inputs</label></view>\n'
    ),
    "appserver/templates/base.html": '<html><script src="../../config?autoload=1"></script></html>\n',
    "appserver/static/js/build/entry_page.js": "export default 1;\n",
    "metadata/default.meta": "[]\naccess = read : [ * ], write : [ admin ]\nexport = system\n",
    "README/inputs.conf.spec": "[toy://<name>]\ncolour = <string>\nsize = <integer>\n",
    "bin/toy.py": '''
import sys
import xml.etree.ElementTree as ET

SCHEME = """<scheme><title>Toy</title><description>A toy.</description>
<use_external_validation>true</use_external_validation><streaming_mode>xml</streaming_mode>
<use_single_instance>false</use_single_instance><endpoint><args>
<arg name="colour"><title>Colour</title><data_type>string</data_type>
<required_on_create>true</required_on_create><required_on_edit>false</required_on_edit></arg>
<arg name="size"><data_type>number</data_type><required_on_create>false</required_on_create></arg>
</args></endpoint></scheme>"""


def validate():
    item = ET.parse(sys.stdin).getroot().find("item")
    given = {param.get("name"): param.text for param in item.iterfind("param")}
    if given["colour"] == "beige":
        sys.stdout.write("<error><message>beige is no colour</message></error>")
        return 1
    return 0


def run():
    stanza = ET.parse(sys.stdin).getroot().find("configuration/stanza")
    params = {param.get("name"): param.text for param in stanza.iterfind("param")}
    text = stanza.get("name") + " " + params["colour"]
    sys.stdout.write("<stream><event><data>" + text + "</data></event></stream>")
    return 0


if len(sys.argv) == 1:
    sys.exit(run())
if sys.argv[1] == "--scheme":
    sys.stdout.write(SCHEME)
else:
    sys.exit(validate())
''',
    "bin/toy_handler.py": """
import json
import os

from splunk import admin, getSessionKey, rest

FILE = os.path.join(os.environ["SPLUNK_HOME"], "var", "toy.json")


class RestError(Exception):
    pass


def load():
    if not os.path.exists(FILE):
        return {}
    with open(FILE) as stored:
        return json.load(stored)


def save(things):
    with open(FILE, "w") as stored:
        json.dump(things, stored)


class Things(admin.MConfigHandler):
    def setup(self):
        if self.requestedAction == admin.ACTION_CREATE:
            self.supportedArgs.addReqArg("colour")
        if self.requestedAction == admin.ACTION_LIST:
            self.supportedArgs.addOptArg("--cred--")
        else:
            self.supportedArgs.addOptArg("size")
            self.supportedArgs.addOptArg("disabled")

    def show(self, info, name, thing):
        for key, value in thing.items():
            info[name][key] = value
        info[name].setMetadata("eai:acl", {"app": "toy_app", "owner": "nobody", "sharing": "app"})

    def handleList(self, info):
        things = load()
        names = [self.callerArgs.id] if self.callerArgs.id else sorted(things)
        for name in names:
            if name not in things:
                raise RestError("REST Error [404]: Not Found -- Could not find object id=" + name)
            self.show(info, name, things[name])

    def handleCreate(self, info):
        things = load()
        if self.callerArgs.id in things:
            raise admin.AlreadyExistsException("taken: " + self.callerArgs.id)
        things[self.callerArgs.id] = {key: value[0] for key, value in self.callerArgs.data.items()}
        save(things)
        self.show(info, self.callerArgs.id, things[self.callerArgs.id])

    def handleEdit(self, info):
        things = load()
        things[self.callerArgs.id].update({key: value[0] for key, value in self.callerArgs.data.items()})
        # A handler talks to splunkd with the key of its caller.
        path = "/services/authentication/current-context"
        response, body = rest.simpleRequest(path, sessionKey=getSessionKey(), getargs={"output_mode": "json"})
        things[self.callerArgs.id]["edited_by"] = json.loads(body)["entry"][0]["content"]["username"]
        save(things)
        self.show(info, self.callerArgs.id, things[self.callerArgs.id])

    def handleRemove(self, info):
        things = load()
        del things[self.callerArgs.id]
        save(things)


print("noise on stdout does no harm")
if __name__ == "__main__":
    admin.init(Things, admin.CONTEXT_APP_ONLY)
""",
    "bin/toy_broken.py": "import no_such_module_anywhere\n",
}


def write_app(folder: Path) -> Path:
    """Write the app below ``folder``; returns its own folder."""
    for name, text in _FILES.items():
        path = folder / APP / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / APP
