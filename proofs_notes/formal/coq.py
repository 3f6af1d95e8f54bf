"""Coq run on the sources: compiled as far as something changed, asked questions, checked again by coqchk."""

import hashlib
import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from folders import files
from sources import Refused, imports

STAMPS = ".stamps.json"
LIBRARY = "Skipscape"
INTEGERS = "Coq.Numbers.Cyclic.Int63."


def run(command: list[str], where: Path, *, both: bool = False) -> str:
    """What the command prints on its standard output, or on both streams. Raises Refused if it fails."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout + (done.stderr if both else "")


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def module(path: Path) -> str:
    """The name of a source in Coq."""
    return f"{LIBRARY}.{path.parent.name}.{path.stem}"


def compile_all(source: Path) -> list[str]:
    """Compile side by side what may be, and only what its source, an import or Coq has changed; the stems compiled.

    A compiled file counts as up to date if source, imports, Coq and the file itself have the digests of its stamp.
    """
    coq = run(["coqc", "--print-version"], source)
    stamps_file = source / STAMPS
    stamps = json.loads(stamps_file.read_text(encoding="utf-8")) if stamps_file.exists() else {}
    keys: dict[str, str] = {}
    done: dict[str, Future[str]] = {}
    compiled: list[str] = []
    failures: list[Refused] = []

    def one(path: Path, needs: list[Future[str]]) -> str:
        """Compile `path` once everything it imports is there; the digest of what came out."""
        for need in needs:
            need.result()
        if failures:
            raise failures[0]
        result = path.with_suffix(".vo")
        stamp = stamps.get(path.stem)
        if stamp and result.exists() and stamp == [keys[path.stem], digest(result.read_bytes())]:
            return str(stamp[1])
        try:
            run(["coqc", "-q", "-Q", ".", LIBRARY, str(path.relative_to(source))], source)
        except Refused as failure:
            failures.append(failure)
            raise
        compiled.append(path.stem)
        return digest(result.read_bytes())

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path in files(source):
            needed = [stem for _, stem in imports(path)]
            place = module(path).encode()
            keys[path.stem] = digest(coq.encode(), place, path.read_bytes(), *(keys[stem].encode() for stem in needed))
            done[path.stem] = pool.submit(one, path, [done[stem] for stem in needed])
    good = {stem: [keys[stem], future.result()] for stem, future in done.items() if not future.exception()}
    stamps_file.write_text(json.dumps(good, indent=0), encoding="utf-8")
    if failures:
        raise failures[0]
    return compiled


def ask(source: Path, queries: str) -> str:
    """The answers of coqc to `queries`, with all sources loaded, none of them imported."""
    names = " ".join(module(path) for path in files(source))
    text = f"From Coq Require Import Reals.\nRequire {names}.\nOpen Scope R_scope.\nSet Printing Width 110.\n"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "query.v"
        script.write_text(text + queries, encoding="utf-8")
        return run(["coqc", "-q", "-Q", str(source), LIBRARY, script.name], Path(folder))


def check_again(source: Path, axioms: set[str]) -> str:
    """coqchk's summary; refuses it if it names an axiom that is not among `axioms`, or anything unsafe.

    It lists what the library says of machine integers whole, be it used or not.
    """
    modules = [module(path) for path in files(source)]
    summary = run(["coqchk", "-o", "-Q", ".", LIBRARY, *modules], source, both=True).partition("CONTEXT SUMMARY")[2]
    found = re.findall(r"^    ([\w.']+)$", summary.partition("* Axioms:")[2].partition("\n* ")[0], flags=re.M)
    found = [name for name in found if not name.startswith(INTEGERS)]
    if unknown := [name for name in found if ".".join(name.split(".")[-2:]) not in axioms]:
        raise Refused(f"coqchk found other axioms: {', '.join(unknown)}")
    if not found or summary.count("<none>") != 3:
        raise Refused(f"coqchk's summary is not as expected:\n{summary.strip()}")
    return f"coqchk: {len(modules)} files; axioms {', '.join(found)}; nothing unsafe"
