"""A program as a stage of Vitrine: Python's side of the line protocol, in one file without dependencies.

Copy it beside your program (Python 3.8 or newer), and:

    import vitrine_stage as stage

    weights = stage.inputs["weights"]              # a path; a folder for an artifact of type folder
    start = stage.resumed_step                     # 0 at a first start
    if stage.resumed:                              # the folder that the checkpoint before was written into
        state = load(stage.resumed / "state.pt")
    for step in range(start + 1, total + 1):
        loss = train()
        stage.progress(step, total, loss=loss)
        if step % 100 == 0 or stage.cancelled():
            with stage.checkpoint(step) as folder:  # durable when the block is left
                save(folder / "state.pt")
        if stage.cancelled():
            raise SystemExit(stage.CANCELLED)
    save(stage.outputs["model"])

The protocol itself is described in infra/docs/command-stages.md.
"""

import contextlib
import json
import math
import os
import pathlib
import shutil
import sys
import threading

PREFIX = "::vitrine:: "
PROTOCOL = 1
# EX_TEMPFAIL: whoever ends with it asks to be started again.
CANCELLED = 75


class CheckpointNotStored(Exception):
    """The host could not keep a checkpoint; the message says why. The program may go on without it."""


def _read_job():
    path = os.environ.get("VITRINE_STAGE")
    if not path:
        raise RuntimeError("VITRINE_STAGE is not set: this program is to be run as a stage of kind command")
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    if job["protocol"] != PROTOCOL:
        raise RuntimeError("expected protocol %d, got %s" % (PROTOCOL, job["protocol"]))
    return job


_job = _read_job()
_out = sys.stdout
_writing = threading.Lock()
_news = threading.Condition()
_cancelled = False
_answers = {}

params = _job["params"]
inputs = {name: pathlib.Path(path) for name, path in _job["inputs"].items()}
outputs = {name: pathlib.Path(path) for name, path in _job["outputs"].items()}
seed = _job["seed"]
resumed = pathlib.Path(_job["resume"]["folder"]) if _job["resume"] else None
resumed_step = _job["resume"]["step"] if _job["resume"] else 0


def progress(step, total=0, phase="run", **measured):
    """Say after every step how far the program has come: one that says nothing for long counts as stalled."""
    _say({"type": "progress", "step": step, "total": total, "phase": phase, "metrics": _finite(measured)})


def metrics(**measured):
    """Figures, added to those reported before; the last ones become the summary of the stage."""
    _say({"type": "metrics", "metrics": _finite(measured)})


def log(message, level="info"):
    """A line of log with a level: debug, info, warn, error. Whatever is printed is log as well."""
    _say({"type": "log", "level": level, "message": str(message)[:4000]})


def cancelled():
    """Whether the stage is to stop: store a checkpoint, then end, within the grace."""
    return _cancelled


@contextlib.contextmanager
def checkpoint(step):
    """An empty folder to write into; when the block is left it is handed over, and this waits until it is durable."""
    folder = pathlib.Path(_job["checkpointFolder"])
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    yield folder
    with _news:
        _answers.pop(step, None)
    _say({"type": "checkpoint", "step": step})
    with _news:
        _news.wait_for(lambda: step in _answers)
        problem = _answers.pop(step)
    if problem is not None:
        raise CheckpointNotStored(problem)


def _finite(measured):
    """JSON has no word for NaN and infinity; they go to the log, where somebody may see them."""
    values = {name: float(value) for name, value in measured.items()}
    for name, value in values.items():
        if not math.isfinite(value):
            log("%s is %r" % (name, value), "warn")
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _say(message):
    # The line break before it ends whatever line a library has left unfinished.
    line = "\n%s%s\n" % (PREFIX, json.dumps(message))
    with _writing:
        _out.write(line)
        _out.flush()


def _listen():
    global _cancelled
    for line in sys.stdin:
        message = json.loads(line)
        with _news:
            if message["type"] == "cancel":
                _cancelled = True
            elif message["type"] == "stored":
                _answers[message["step"]] = None
            elif message["type"] == "not-stored":
                _answers[message["step"]] = message["message"]
            _news.notify_all()
    # Without its host nobody wants what this program does.
    os._exit(CANCELLED)


threading.Thread(target=_listen, daemon=True).start()
