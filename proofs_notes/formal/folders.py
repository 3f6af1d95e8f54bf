"""The six folders of Coq sources: which files there are, in which order, and that imports only point down.

A source is registered by lying in a folder. It may import files of lower folders and, without a circle, of its own.
Stems are unique, so that `perturb.v` and `perturb.L3_perturb` name one thing wherever it lies.
"""

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sources import Refused, imports

FOLDERS = ("base", "networks", "lemmas", "routes", "theorems", "certificates", "examples")
"""From the ground up."""
PROGRAMS = "extraction"
"""What makes a program of them, and proves nothing."""


def files(source: Path) -> list[Path]:
    """Every source, each after what it imports. Raises OSError; Refused for a file or an import out of place."""
    by_stem: dict[str, Path] = {}
    for path in sorted(source.rglob("*.v")):
        if path.parent == source / PROGRAMS:
            continue
        if path.parent.parent != source or path.parent.name not in FOLDERS:
            raise Refused(f"{path.relative_to(source)} lies in none of the folders {', '.join(FOLDERS)}: move it")
        if path.stem in by_stem:
            raise Refused(f"{path.name} lies in {by_stem[path.stem].parent.name} and in {path.parent.name}: rename one")
        by_stem[path.stem] = path
    needs = {stem: _allowed(path, by_stem) for stem, path in by_stem.items()}
    ordered = []
    for folder in FOLDERS:
        inside = {stem: needs[stem] for stem, path in by_stem.items() if path.parent.name == folder}
        ordered += [by_stem[stem] for stem in _sorted(folder, inside)]
    return ordered


def _allowed(path: Path, by_stem: dict[str, Path]) -> list[str]:
    """The stems that `path` imports from its own folder. Refuses an import that does not exist or points up."""
    own = path.parent.name
    for folder, stem in imports(path):
        if stem not in by_stem or by_stem[stem].parent.name != folder:
            raise Refused(f"{own}/{path.name} imports {folder}/{stem}.v, which may not be imported: there is none")
        if FOLDERS.index(folder) > FOLDERS.index(own):
            raise Refused(
                f"{own}/{path.name} imports {folder}/{stem}.v, and {folder} stands above {own}: imports only point "
                f"down ({' < '.join(FOLDERS)}); move one of the two, or split it"
            )
    return [stem for folder, stem in imports(path) if folder == own]


def _sorted(folder: str, needs: dict[str, list[str]]) -> list[str]:
    """The stems of one folder, each after what it needs there, otherwise in alphabetical order."""
    sorter = TopologicalSorter(needs)
    ordered = []
    try:
        sorter.prepare()
    except CycleError as error:
        raise Refused(f"{folder}: {', '.join(dict.fromkeys(error.args[1]))} import one another in a circle") from None
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += ready
        sorter.done(*ready)
    return ordered


def below(path: Path, source: Path) -> list[Path]:
    """What `path` rests on, directly or not, in the order of `files`."""
    everything = files(source)
    by_stem = {other.stem: other for other in everything}
    found: set[str] = set()
    todo = [stem for _, stem in imports(path)]
    while todo:
        stem = todo.pop()
        if stem not in found:
            found.add(stem)
            todo += [other for _, other in imports(by_stem[stem])]
    return [other for other in everything if other.stem in found]
