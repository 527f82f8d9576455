"""A real browser and a real JupyterLab, for ``make test-browser``.

Needs the extra ``browser`` (playwright) and a Chromium on the path; without them every
test here is skipped with one line that says which is missing. Nothing is downloaded,
and the server works on a copy of the notebooks because Lab saves what it shows.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dpo_edu.publish import pdf
from dpo_edu.validation import InputError

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # show every cell
}


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium from the operating system."""
    reason = "browser tests need: pip install -e '.[browser]'"
    sync_api = pytest.importorskip("playwright.sync_api", reason=reason)
    try:
        options = pdf.chromium()
    except InputError as missing:
        pytest.skip(str(missing))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Address of a JupyterLab on a copy of the course, with ``{}`` for a notebook."""
    course = tmp_path_factory.mktemp("course")
    for folder in ("notebooks", "exercises"):
        shutil.copytree(ROOT / folder, course / folder)
    runtime, settings = course / "runtime", course / "settings"
    for name, values in SETTINGS.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    token = secrets.token_hex()
    server = start_server(course, runtime, settings, token)
    try:
        port = wait_for_port(server, runtime)
        yield f"http://127.0.0.1:{port}/lab/tree/notebooks/{{}}?token={token}&reset"
    finally:
        server.terminate()
        server.wait(timeout=30)


def start_server(course: Path, runtime: Path, settings: Path, token: str):
    """Start ``jupyter lab`` on a free port, its own files kept inside ``course``."""
    options = {
        "ServerApp.root_dir": course,
        "ServerApp.port": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
    }
    command = [sys.executable, "-m", "jupyterlab"]
    command += [f"--{name}={value}" for name, value in options.items()]
    environment = {
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(course / "workspaces"),
        "OMP_NUM_THREADS": "1",
    }
    with (course / "server.log").open("w") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | environment
        )


def wait_for_port(server, runtime: Path, seconds: int = 60) -> int:
    """Read the port from the file that a running server leaves in ``runtime``."""
    for _ in range(10 * seconds):
        assert server.poll() is None, "jupyter lab ended before it was ready"
        for file in runtime.glob("jpserver-*.json"):
            return json.loads(file.read_text(encoding="utf-8"))["port"]
        time.sleep(0.1)
    raise AssertionError("jupyter lab did not start")
