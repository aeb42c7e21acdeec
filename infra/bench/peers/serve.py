"""The peers' half of the protocol in `../src/protocol.ts`: one JSON object a line, a reply to each.

{"do": "prepare", "case": {…}}  makes the task, warms it up, answers {"checks": [{name, values}, …]}
{"do": "round", "times": n}     does the task n times, answers {} when the last result is on the host
{"do": "end"}                   leaves
"""

import json
import math
import os
import sys


def serve(make_task):
    """`make_task(case)` gives an object with `checks()` and `run()`."""
    # Replies go to the real standard output; what libraries print goes to standard error.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "end":
            return
        if request["do"] == "prepare":
            task = make_task(request["case"])
            reply = {"checks": [{"name": name, "values": finite(values)} for name, values in task.checks()]}
        elif request["do"] == "round":
            for _ in range(request["times"]):
                task.run()
            reply = {}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def finite(values):
    """JSON has no word for what is no number: it travels as null."""
    return [value if math.isfinite(value) else None for value in values]
