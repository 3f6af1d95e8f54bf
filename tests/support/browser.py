"""A page in headless Chromium, where there is one."""

import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def document_width(page: Path, width: int) -> int:
    """How wide the page's document is in a frame of this width, in pixels; a probe is written beside it."""
    style = f"width:{width}px;height:800px;border:0"
    probe = (
        f'<iframe id="f" src="{page.name}" style="{style}"></iframe><p id="w"></p><script>'
        'f.onload = () => { w.textContent = "wide " + f.contentDocument.documentElement.scrollWidth }</script>'
    )
    place = page.with_name("probe.html")
    place.write_text(probe)
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom")
    done = subprocess.run(
        [str(CHROMIUM), *flags, "--virtual-time-budget=5000", place.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r"wide (\d+)", done.stdout)
    assert found, done.stdout
    return int(found[1])
