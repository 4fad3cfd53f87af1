"""The probe with one process for all stanzas; it notes under the first one."""

import probe

if __name__ == "__main__":
    probe.main("probe_one", "true", ("size",))
