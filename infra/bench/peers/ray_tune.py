"""Trials of one step through Ray Tune, as quickly as it does them: `ray_tune.py TRIALS AT_A_TIME` prints the seconds of each.

Actors are used again, nothing is logged, no checkpoint is written, and the clock starts when every actor has done two trials, so that
their start does not count: what is left is what Tune does for each trial. The shape
is that of its own benchmark (release/tune_tests/scalability_tests/workloads/test_bookkeeping_overhead.py in ray-project/ray),
whose trials sleep for a second.
"""

import json
import os
import sys
import tempfile
import time

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
os.environ["TUNE_GLOBAL_CHECKPOINT_S"] = "inf"

import ray
from ray import tune


class Clock(tune.Callback):
    def __init__(self):
        self.ends = []

    def on_trial_complete(self, iteration, trials, trial, **info):
        self.ends.append(time.perf_counter())


class OneStep(tune.Trainable):
    def setup(self, config):
        self.x = config["x"]

    def reset_config(self, new_config):
        self.x = new_config["x"]
        return True

    def step(self):
        return {"value": self.x, "done": True}


def main(trials, at_a_time):
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        ray.init(
            num_cpus=at_a_time,
            num_gpus=0,
            include_dashboard=False,
            logging_level="ERROR",
            log_to_driver=False,
            object_store_memory=200 * 2**20,
            _temp_dir=folder,
        )
        clock = Clock()
        tuner = tune.Tuner(
            OneStep,
            param_space={"x": tune.uniform(0, 1)},
            tune_config=tune.TuneConfig(
                metric="value", mode="min", num_samples=trials, max_concurrent_trials=at_a_time, reuse_actors=True
            ),
            run_config=tune.RunConfig(
                storage_path=folder,
                verbose=0,
                callbacks=[clock],
                checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False),
            ),
        )
        tuner.fit()
        ray.shutdown()
    if len(clock.ends) != trials:
        raise SystemExit(f"{len(clock.ends)} of {trials} trials came to their end")
    counted = clock.ends[2 * at_a_time - 1 :]
    seconds = (counted[-1] - counted[0]) / (len(counted) - 1)
    print(json.dumps({"version": ray.__version__, "seconds": seconds}))


main(int(sys.argv[1]), int(sys.argv[2]))
