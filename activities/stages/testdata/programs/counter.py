"""Hashes numbers up, step by step, as a training would: with checkpoints, and the same result however often it is killed."""
import hashlib
import json
import os
import signal
import time

import vitrine_stage as stage

total = stage.params["steps"]
state = {"step": 0, "sum": 0}
if stage.resumed:
    state = json.loads((stage.resumed / "state.json").read_text())
    assert state["step"] == stage.resumed_step, state
while state["step"] < total:
    state["step"] += 1
    text = "%d %d %d" % (stage.seed, state["sum"], state["step"])
    state["sum"] = int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)
    stage.progress(state["step"], total, phase="count", sum=state["sum"])
    time.sleep(stage.params.get("sleep", 0))
    if state["step"] % stage.params.get("every", 2) == 0 or stage.cancelled():
        with stage.checkpoint(state["step"]) as folder:
            (folder / "state.json").write_text(json.dumps(state))
    if stage.params.get("killAt") == state["step"] and not stage.resumed:
        os.kill(os.getpid(), signal.SIGKILL)
    if stage.cancelled():
        raise SystemExit(stage.CANCELLED)
stage.outputs["result"].write_text(json.dumps(state))
