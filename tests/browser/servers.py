"""JupyterLab and the classic notebook, each a process with folders and a port of its own."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

TOKEN = "browser-tests"
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
# two tests have one notebook open at a time, and a page asks its reader what to do when another one has saved it meanwhile
NO_AUTOSAVE = ("@jupyterlab/docmanager-extension/plugin.jupyterlab-settings", {"autosave": False})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server that shows `root`; what it writes goes into `folder`. `command` is a Python and the module it runs."""

    def __init__(self, command, options, root, folder):
        self.address = f"127.0.0.1:{free_port()}"
        (folder / "labconfig").mkdir(parents=True)
        (folder / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS), encoding="utf-8")
        (folder / "temporary").mkdir()
        setting, value = NO_AUTOSAVE
        (folder / "settings" / setting).parent.mkdir(parents=True)
        (folder / "settings" / setting).write_text(json.dumps(value), encoding="utf-8")
        own = {"JUPYTER_CONFIG_DIR": "", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run", "JUPYTERLAB_SETTINGS_DIR": "settings",
               "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython", "MPLCONFIGDIR": "matplotlib",
               **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), "temporary")}  # a notebook that is alone keeps its reader's answers there
        env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "MPLBACKEND", "JUPYTER_PATH", "PROGRESS_FILE")}
        env.update({name: str(folder / place) for name, place in own.items()}, PYDEVD_DISABLE_FILE_VALIDATION="1")
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            port = self.address.rsplit(":", 1)[1]
            self.process = subprocess.Popen([*command, "--no-browser", "--ip=127.0.0.1", f"--port={port}", *options], cwd=root, env=env, stdout=log, stderr=log)
        self._wait()

    def _wait(self):
        for _ in range(300):
            try:
                return self.api("status")
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text(encoding='utf-8', errors='replace')[-3000:]}")

    def url(self, path):
        return f"http://{self.address}/{path}?token={TOKEN}"

    def api(self, path, method="GET"):
        request = urllib.request.Request(f"http://{self.address}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def kernel_of(self, notebook):
        return next(s["kernel"]["id"] for s in self.api("sessions") if s["path"] == notebook)

    def end_kernels(self):
        for session in self.api("sessions"):
            self.api(f"sessions/{session['id']}", "DELETE")

    def stop(self):
        try:
            self.end_kernels()
        except OSError:
            pass  # it is gone already
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def lab(python, root, folder):
    options = ["--allow-root", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True",
               "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    return Server([python, "-m", "jupyterlab"], options, root, folder)


def classic(python, root, folder):
    return Server([python, "-m", "notebook"], ["--allow-root", f"--NotebookApp.token={TOKEN}", f"--notebook-dir={root}"], root, folder)
