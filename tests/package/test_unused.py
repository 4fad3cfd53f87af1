"""Nothing ships that nobody uses, as far as imports tell, those inside functions included.

An import by a computed name is not seen. test_imports.py looks from the other side: what ships can be
imported.
"""

from __future__ import annotations

from modulefinder import ModuleFinder
from pathlib import Path

# Imported by name only, or found on the path by others: none today.
BY_NAME: set[str] = set()


def test_every_module_is_on_a_path_from_a_script_of_ours(release_app: Path) -> None:
    lib, scripts = release_app / "lib", sorted((release_app / "bin").glob("*.py"))
    finder = ModuleFinder(path=[str(release_app / "bin"), str(lib)])
    for script in scripts:
        finder.load_file(str(script))
    used = {Path(module.__file__) for module in finder.modules.values() if module.__file__}
    shipped = {path for folder in (lib, release_app / "bin") for path in folder.rglob("*.py")} - {*scripts}
    unused = {str(path.relative_to(release_app)) for path in shipped - used}
    assert unused == BY_NAME


def test_every_compiled_file_has_its_package(release_app: Path) -> None:
    """An extension in a folder without Python files would be left of a package that was pruned."""
    for path in (release_app / "lib").rglob("*"):
        if path.suffix in (".so", ".pyd") and "plat" not in path.parts:
            assert (path.parent / "__init__.py").is_file(), path
