"""How the app's search-time rules are joined from the families' folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import knowledge
from tools.step import BuildError


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_families_follow_the_default_file_and_sourcetypes_get_the_index_time_rules(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "default/props.conf": "[source::a]\nTRUNCATE = 1\n",
            "knowledge/b/props.conf": "# why\n[alibaba:b]\nEVAL-x = y",
            "knowledge/a/props.conf": "[alibaba:a]\n",
            "knowledge/a/tags.conf": "[eventtype=a]\nweb = enabled\n",
        },
    )
    found = knowledge.joined(root)
    assert sorted(found) == ["props.conf", "tags.conf"]
    assert found["tags.conf"] == "# a\n[eventtype=a]\nweb = enabled\n"
    rules = knowledge.INDEX_TIME.rstrip()
    assert found["props.conf"].split("\n\n") == [
        "[source::a]\nTRUNCATE = 1",
        f"# a\n[alibaba:a]\n{rules}",
        f"# b\n# why\n[alibaba:b]\n{rules}\nEVAL-x = y\n",
    ]


def test_one_stanza_in_two_families_is_refused(tmp_path: Path) -> None:
    root = tree(tmp_path, {f"knowledge/{family}/tags.conf": "[eventtype=x]\n" for family in "ab"})
    said = r"\[eventtype=x\] is in knowledge/b/tags.conf and in knowledge/a/tags.conf"
    with pytest.raises(BuildError, match=said):
        knowledge.joined(root)
