"""docs/configuration.md says what the spec files say."""

from __future__ import annotations

from pathlib import Path

from tools import configuration

ROOT = Path(__file__).resolve().parents[2]


def test_the_document_is_written_from_the_spec_files() -> None:
    """`make configuration` writes it anew."""
    assert (ROOT / configuration.DOCUMENT).read_text(encoding="utf-8") == configuration.document(ROOT)


def test_every_setting_is_in_the_document() -> None:
    text = configuration.document(ROOT)
    for spec in sorted((ROOT / "README").glob("*.conf.spec")):
        for stanza in configuration.read_spec(spec.read_text(encoding="utf-8")):
            assert stanza.settings
            for setting in stanza.settings:
                assert text.count(f"| `{setting.name}` |") == 1


def test_the_images_of_the_document_are_there() -> None:
    for name in ("input.png", "inputs.png", "account.png"):
        assert f"(images/{name})" in configuration.document(ROOT)
        assert (ROOT / "docs" / "images" / name).stat().st_size < 80 * 1024
