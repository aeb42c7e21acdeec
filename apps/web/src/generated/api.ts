// Written by `npm run docs` from apps/api/openapi.json.

export interface paths {
  '/api/v1/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the runs of a project, newest first */
    get: operations['runs.list'];
    put?: never;
    /**
     * Start a run of a pipeline
     * @description The pipeline comes as JSON, or as YAML with the content type `application/yaml`.
     */
    post: operations['runs.submit'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a run: its stages, their progress, results and errors */
    get: operations['runs.view'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/request': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a run as it was submitted: pipeline, seeds, code version, options */
    get: operations['runs.request'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/rerun': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start a run that repeats a closed one, taking over what succeeded
     * @description Repeats the stages that did not succeed, or those named and all that comes after them. A changed pipeline may be sent along: what is described as before is taken over, even when the code of the stages is another by now.
     */
    post: operations['runs.rerun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/ablate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start a run that repeats a closed one with a stage switched to identity
     * @description Where an output of the stage was read, its input of the same type is. What does not come after it is taken over; what does is computed with the same seeds and data. Refused by name when no input fits.
     */
    post: operations['runs.ablate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ask a run to stop
     * @description Answers with the run as it stands; its stages save a checkpoint and end soon after.
     */
    post: operations['runs.cancel'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/stages/{stage}/approval': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Approve or reject a stage that is held
     * @description The first decision counts. It may come before the stage is held. Answers with the run as it stood.
     */
    post: operations['approval.decide'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/plans': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Look ahead at a run: what it would find, compute, take and wait for
     * @description Starts and changes nothing. Takes what `POST /api/v1/runs` takes. Outputs of found results are read, as a run would.
     */
    post: operations['plans.plan'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow a run by server-sent events
     * @description Each event has its sequence number as id and `{ sequence, event }` as data. After the last one of a closed run comes an event named `end`. Comments keep the connection alive.
     */
    get: operations['events.follow'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what the stages of a run logged */
    get: operations['events.logs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take over what stages report; for workers
     * @description All events of one run are stored together or not at all. A batch that is sent twice is stored twice.
     */
    post: operations['events.append'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/artifacts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what the stages of a run have made */
    get: operations['artifacts.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/artifacts/{stage}/{output}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the bytes of one output
     * @description The digest is checked on the way; a connection that breaks off before the announced length carried damaged bytes.
     */
    get: operations['artifacts.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{project}/{runId}/stages/{stage}/cache': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Say why a stage was computed, or whose result was found
     * @description Compares what the result depends on with the earlier result that differs least, field by field.
     */
    get: operations['cache.explain'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/lineage/{project}/{sha256}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Trace an artifact: what it was made from, and what was made of it */
    get: operations['lineage.trace'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Say that this process is alive */
    get: operations['health.health'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Say whether Temporal and the store answer, and how fast
     * @description Answers 503 with the same document while one of them does not.
     */
    get: operations['health.ready'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Metrics of this process for Prometheus */
    get: operations['metrics.metrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/about': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Say what this installation is, and where the rest of it is found */
    get: operations['pages.about'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/login-links': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Make a link that logs a browser in
     * @description The link is good for five minutes. It holds a signature, not the token.
     */
    post: operations['pages.loginLink'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/login': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Open a session for this browser
     * @description Sets a cookie for twelve hours and goes on to the page. The cookie reads; it changes something only for the own page of this API.
     */
    get: operations['pages.login'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the sweeps of a project, newest first */
    get: operations['sweeps.list'];
    put?: never;
    /**
     * Start a sweep: a pipeline run again and again with values of a space
     * @description Points of the space are tried on the pipeline first; a space without points is refused.
     */
    post: operations['sweeps.submit'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a sweep: counts, the best trial, what runs, what is left of its budget */
    get: operations['sweeps.view'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}/trials': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the trials of a sweep with their values and reports */
    get: operations['sweeps.trials'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Pause a sweep at once: trials under way store a checkpoint and give their devices back */
    post: operations['sweeps.pause'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a paused sweep go on: its trials from their checkpoints */
    post: operations['sweeps.resume'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stop a sweep as a whole, at once and for good */
    post: operations['sweeps.stop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}/edit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Change parallelism and budget of a sweep that runs */
    post: operations['sweeps.edit'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sweeps/{project}/{sweepId}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Say what another scheduler would have saved and lost, from the recorded curves; no device is used */
    post: operations['sweeps.replay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pools': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the pools: who works for them, what waits, whether a policy gives their devices out */
    get: operations['pools.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pools/{pool}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a pool with a policy: who holds what, and why each stage that waits does */
    get: operations['pools.view'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pools/{pool}/policy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Give the devices of a pool out by a policy from now on, or change it */
    put: operations['pools.set'];
    post?: never;
    /** Serve who comes first again; what waits goes on waiting there */
    delete: operations['pools.unset'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pools/{pool}/drain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a worker of a pool take no more stages, or take them again; what it runs goes on */
    post: operations['pools.drain'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the schedules of a project by name
     * @description From an index that hears of changes a little later.
     */
    get: operations['schedules.list'];
    put?: never;
    /**
     * Make a schedule that starts a pipeline, or a re-training, at its times
     * @description Made again with the same fields it is the same schedule; `paused` says why it does not start yet.
     */
    post: operations['schedules.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a schedule: its next times, and what became of the last ones */
    get: operations['schedules.view'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}/edit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Replace what a schedule starts and when; pause and note stay */
    post: operations['schedules.edit'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Pause a schedule, and say why; what it has started goes on */
    post: operations['schedules.pause'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a paused schedule go on with its next time */
    post: operations['schedules.resume'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}/trigger': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Start now what a schedule starts, by its overlap policy */
    post: operations['schedules.trigger'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}/backfill': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Start what a schedule would have started between two times, or only list it */
    post: operations['schedules.backfill'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schedules/{project}/{name}/delete': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Delete a schedule; what it has started goes on */
    post: operations['schedules.remove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/models': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the registered models of a project with their champions */
    get: operations['models.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/models/{project}/{model}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a model: its versions, and who made which one champion, when and why */
    get: operations['models.view'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/models/{project}/{model}/promote': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a version the champion, or the model that a run has made */
    post: operations['models.promote'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/models/{project}/{model}/rollback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Go back to the champion before this one, or to a version; the history keeps both */
    post: operations['models.rollBack'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    About: {
      version: string;
      links: {
        title: string;
        url: string;
      }[];
    };
    ArtifactList: {
      artifacts: {
        stage: string;
        output: string;
        artifact: components['schemas']['ArtifactRef'];
        path: string;
      }[];
    };
    ArtifactRef: {
      /** @enum {string} */
      type:
        | 'model'
        | 'weights'
        | 'denoiser'
        | 'noise'
        | 'influence'
        | 'gates'
        | 'explanations'
        | 'history'
        | 'evaluation'
        | 'predictions'
        | 'certification'
        | 'faithfulness'
        | 'certificates'
        | 'table'
        | 'picture'
        | 'report'
        | 'checkpoint'
        | 'document'
        | 'file'
        | 'list'
        | 'folder';
      uri: string;
      sha256: string;
      bytes: number;
      mediaType: string;
    };
    CacheExplanation: {
      project: string;
      runId: string;
      stage: string;
      cache?: {
        /** @enum {string} */
        outcome: 'hit' | 'shared' | 'kept' | 'miss' | 'forced';
        key?: string;
        from?: {
          runId: string;
          stage: string;
        };
        reason?: string;
      };
      text: string;
      nearest?: {
        from: {
          runId: string;
          stage: string;
        };
        differences: {
          /** @enum {string} */
          part: 'project' | 'kind' | 'codeVersion' | 'params' | 'seed' | 'inputs' | 'chunk' | 'profile';
          field: string;
          before?: string;
          after?: string;
          text: string;
        }[];
      };
    };
    Decision: {
      approved: boolean;
      by: string;
      /** @default  */
      comment: string;
    };
    ErrorView: {
      /** @enum {string} */
      code:
        | 'InvalidSpec'
        | 'InvalidRequest'
        | 'InvalidConfig'
        | 'Unauthorized'
        | 'NotFound'
        | 'Conflict'
        | 'DatasetMissing'
        | 'DatasetCorrupt'
        | 'ArtifactMissing'
        | 'ArtifactCorrupt'
        | 'WeightsMismatch'
        | 'ShapeMismatch'
        | 'NonFiniteLoss'
        | 'NumericsMismatch'
        | 'SecretMissing'
        | 'SecretExposed'
        | 'StageInterrupted'
        | 'StageRefused'
        | 'WorkerUnfit'
        | 'HandedBack'
        | 'Preempted'
        | 'OutOfMemory'
        | 'ResultTooLarge'
        | 'ElementsFailed'
        | 'MetricMissing'
        | 'Rejected'
        | 'TimedOut'
        | 'CodeVersionMismatch'
        | 'CheckpointFenced'
        | 'StorageUnavailable'
        | 'TemporalUnavailable'
        | 'ApiUnavailable'
        | 'DiskFull'
        | 'ChildKilled'
        | 'ChildStalled'
        | 'WorkerShutdown'
        | 'StageFailed'
        | 'Cancelled'
        | 'Internal';
      message: string;
      where?: string;
      expected?: string;
      actual?: string;
      hint: string;
    };
    EventBatch: {
      events: components['schemas']['RunEvent'][];
    };
    Lineage: {
      project: string;
      sha256: string;
      upstream: {
        runId: string;
        stage: string;
        /** @enum {string} */
        kind:
          | 'train'
          | 'import-model'
          | 'stored-model'
          | 'nullspace-noise'
          | 'noise-influence'
          | 'augmented-finetune'
          | 'evaluate'
          | 'train-denoiser'
          | 'import-denoiser'
          | 'certify'
          | 'import-certificates'
          | 'judge-attention'
          | 'train-diffmask'
          | 'explain'
          | 'report'
          | 'noop'
          | 'command'
          | 'package';
        codeVersion: string;
        seed: number;
        /** Format: date-time */
        endedAt?: string;
        inputs: {
          name: string;
          /** @enum {string} */
          type:
            | 'model'
            | 'weights'
            | 'denoiser'
            | 'noise'
            | 'influence'
            | 'gates'
            | 'explanations'
            | 'history'
            | 'evaluation'
            | 'predictions'
            | 'certification'
            | 'faithfulness'
            | 'certificates'
            | 'table'
            | 'picture'
            | 'report'
            | 'checkpoint'
            | 'document'
            | 'file'
            | 'list'
            | 'folder';
          sha256: string;
        }[];
        outputs: {
          name: string;
          /** @enum {string} */
          type:
            | 'model'
            | 'weights'
            | 'denoiser'
            | 'noise'
            | 'influence'
            | 'gates'
            | 'explanations'
            | 'history'
            | 'evaluation'
            | 'predictions'
            | 'certification'
            | 'faithfulness'
            | 'certificates'
            | 'table'
            | 'picture'
            | 'report'
            | 'checkpoint'
            | 'document'
            | 'file'
            | 'list'
            | 'folder';
          sha256: string;
        }[];
      }[];
      downstream: {
        runId: string;
        stage: string;
        /** @enum {string} */
        kind:
          | 'train'
          | 'import-model'
          | 'stored-model'
          | 'nullspace-noise'
          | 'noise-influence'
          | 'augmented-finetune'
          | 'evaluate'
          | 'train-denoiser'
          | 'import-denoiser'
          | 'certify'
          | 'import-certificates'
          | 'judge-attention'
          | 'train-diffmask'
          | 'explain'
          | 'report'
          | 'noop'
          | 'command'
          | 'package';
        codeVersion: string;
        seed: number;
        /** Format: date-time */
        endedAt?: string;
        inputs: {
          name: string;
          /** @enum {string} */
          type:
            | 'model'
            | 'weights'
            | 'denoiser'
            | 'noise'
            | 'influence'
            | 'gates'
            | 'explanations'
            | 'history'
            | 'evaluation'
            | 'predictions'
            | 'certification'
            | 'faithfulness'
            | 'certificates'
            | 'table'
            | 'picture'
            | 'report'
            | 'checkpoint'
            | 'document'
            | 'file'
            | 'list'
            | 'folder';
          sha256: string;
        }[];
        outputs: {
          name: string;
          /** @enum {string} */
          type:
            | 'model'
            | 'weights'
            | 'denoiser'
            | 'noise'
            | 'influence'
            | 'gates'
            | 'explanations'
            | 'history'
            | 'evaluation'
            | 'predictions'
            | 'certification'
            | 'faithfulness'
            | 'certificates'
            | 'table'
            | 'picture'
            | 'report'
            | 'checkpoint'
            | 'document'
            | 'file'
            | 'list'
            | 'folder';
          sha256: string;
        }[];
      }[];
      truncated: boolean;
    };
    LoginLink: {
      /** Format: uri */
      url: string;
      /** Format: date-time */
      expiresAt: string;
    };
    LogPage: {
      lines: {
        sequence: number;
        /** Format: date-time */
        at: string;
        stage: string;
        /** @enum {string} */
        level: 'debug' | 'info' | 'warn' | 'error';
        message: string;
      }[];
      next: number;
      more: boolean;
    };
    PipelineSpec: {
      [key: string]: unknown;
    };
    PoolList: {
      pools: components['schemas']['ListedPool'][];
    };
    PoolPolicy: {
      /**
       * @default 1
       * @constant
       */
      version: 1;
      /**
       * @default {
       *       "low": 100,
       *       "normal": 500,
       *       "high": 900
       *     }
       */
      priorities: {
        [key: string]: number;
      };
      /** @default {} */
      projects: {
        [key: string]: {
          /** @default 0 */
          guaranteed: number;
          limit?: number;
          /** @default 1 */
          weight: number;
          budgetDeviceSeconds?: number;
        };
      };
      /** @default {} */
      others: {
        /** @default 0 */
        guaranteed: number;
        limit?: number;
        /** @default 1 */
        weight: number;
        budgetDeviceSeconds?: number;
      };
      /** @default 86400 */
      halfLifeSeconds: number;
      /** @default {} */
      preemption: {
        /**
         * @default allowed
         * @enum {string}
         */
        mode: 'never' | 'allowed';
        /** @default 300 */
        minimumRunSeconds: number;
      };
      /** @default 300 */
      patienceSeconds: number;
    };
    PoolView: {
      pool: string;
      policy: components['schemas']['PoolPolicy'];
      workers: {
        worker: string;
        devices: number;
        held: number;
        draining: boolean;
        /** Format: date-time */
        seenAt: string;
      }[];
      held: {
        project: string;
        runId: string;
        stage: string;
        devices: number;
        worker: string;
        priority: number;
        /** Format: date-time */
        since: string;
        /** Format: date-time */
        safeSince: string;
        yielding: boolean;
      }[];
      waiting: {
        project: string;
        runId: string;
        stage: string;
        devices: number;
        priority: number;
        /** Format: date-time */
        since: string;
        position: number;
        reason:
          | {
              /** @constant */
              code: 'noWorker';
            }
          | {
              /** @constant */
              code: 'tooLarge';
              largestWorker: number;
            }
          | {
              /** @constant */
              code: 'limit';
              limit: number;
              held: number;
            }
          | {
              /** @constant */
              code: 'budget';
              budget: number;
              used: number;
            }
          | {
              /** @constant */
              code: 'busy';
              free: number;
            }
          | {
              /** @constant */
              code: 'kept';
              for: {
                project: string;
                runId: string;
                stage: string;
                devices: number;
              };
            }
          | {
              /** @constant */
              code: 'yielding';
            };
        why: string;
        heldBy: {
          project: string;
          runId: string;
          stage: string;
          devices: number;
        }[];
        /** Format: date-time */
        expectedAt?: string;
      }[];
      waitingTotal: number;
      projects: {
        project: string;
        held: number;
        waiting: number;
        usedDeviceSeconds: number;
        lostDeviceSeconds: number;
        share: number;
      }[];
    };
    Problem: {
      /** @enum {string} */
      code:
        | 'InvalidSpec'
        | 'InvalidRequest'
        | 'InvalidConfig'
        | 'Unauthorized'
        | 'NotFound'
        | 'Conflict'
        | 'DatasetMissing'
        | 'DatasetCorrupt'
        | 'ArtifactMissing'
        | 'ArtifactCorrupt'
        | 'WeightsMismatch'
        | 'ShapeMismatch'
        | 'NonFiniteLoss'
        | 'NumericsMismatch'
        | 'SecretMissing'
        | 'SecretExposed'
        | 'StageInterrupted'
        | 'StageRefused'
        | 'WorkerUnfit'
        | 'HandedBack'
        | 'Preempted'
        | 'OutOfMemory'
        | 'ResultTooLarge'
        | 'ElementsFailed'
        | 'MetricMissing'
        | 'Rejected'
        | 'TimedOut'
        | 'CodeVersionMismatch'
        | 'CheckpointFenced'
        | 'StorageUnavailable'
        | 'TemporalUnavailable'
        | 'ApiUnavailable'
        | 'DiskFull'
        | 'ChildKilled'
        | 'ChildStalled'
        | 'WorkerShutdown'
        | 'StageFailed'
        | 'Cancelled'
        | 'Internal';
      message: string;
      where?: string;
      expected?: string;
      actual?: string;
      hint: string;
      type: string;
      title: string;
      status: number;
      requestId: string;
    };
    Readiness: {
      ready: boolean;
      temporal: {
        ok: boolean;
        milliseconds: number;
        error?: components['schemas']['ErrorView'];
      };
      s3: {
        ok: boolean;
        milliseconds: number;
        error?: components['schemas']['ErrorView'];
      };
    };
    AblateRequest: {
      stage: string;
    };
    RerunRequest: {
      /** @default [] */
      from: string[];
      spec?: components['schemas']['PipelineSpec'];
    };
    RunEvent:
      | {
          /** @constant */
          type: 'progress';
          project: string;
          runId: string;
          stage: string;
          /** Format: date-time */
          at: string;
          progress: {
            phase: string;
            step: number;
            total: number;
            stepsPerSecond: number;
            etaSeconds: number | null;
            metrics: {
              [key: string]: number;
            };
          };
        }
      | {
          /** @constant */
          type: 'log';
          project: string;
          runId: string;
          stage: string;
          /** Format: date-time */
          at: string;
          /** @enum {string} */
          level: 'debug' | 'info' | 'warn' | 'error';
          message: string;
        }
      | {
          /** @constant */
          type: 'checkpoint';
          project: string;
          runId: string;
          stage: string;
          /** Format: date-time */
          at: string;
          epoch: number;
          step: number;
          bytes: number;
          seconds: number;
          stallSeconds: number;
        }
      | {
          /** @constant */
          type: 'attempt';
          project: string;
          runId: string;
          stage: string;
          /** Format: date-time */
          at: string;
          epoch: number;
          resumedFromStep: number;
          worker: string;
        }
      | {
          /** @constant */
          type: 'stage';
          project: string;
          runId: string;
          stage: string;
          /** Format: date-time */
          at: string;
          /** @enum {string} */
          state: 'waiting' | 'held' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
          error?: components['schemas']['ErrorView'];
          waitsFor?: {
            runId: string;
            stage: string;
          };
        };
    RunList: {
      runs: {
        project: string;
        runId: string;
        pipeline: string;
        /** @enum {string} */
        status: 'running' | 'succeeded' | 'failed' | 'cancelled';
        /** Format: date-time */
        submittedAt: string;
        /** Format: date-time */
        endedAt?: string;
        rerunOf?: string;
        stages: {
          total: number;
          done: number;
          failed: number;
        };
        active?: {
          stage: string;
          progress?: {
            phase: string;
            step: number;
            total: number;
            stepsPerSecond: number;
            etaSeconds: number | null;
            metrics: {
              [key: string]: number;
            };
          };
        };
        error?: {
          stage: string;
          code: string;
          message: string;
        };
      }[];
      nextCursor?: string;
      total: number;
      matching: number;
    };
    RunPlan: {
      project: string;
      pipeline: string;
      codeVersion: string;
      stages: {
        /** @enum {string} */
        outcome: 'found' | 'computed' | 'open' | 'skipped';
        key?: string;
        from?: {
          runId: string;
          stage: string;
        };
        reason?: string;
        elements?: {
          total: number;
          found: number;
        };
        stage: string;
        /** @enum {string} */
        kind:
          | 'train'
          | 'import-model'
          | 'stored-model'
          | 'nullspace-noise'
          | 'noise-influence'
          | 'augmented-finetune'
          | 'evaluate'
          | 'train-denoiser'
          | 'import-denoiser'
          | 'certify'
          | 'import-certificates'
          | 'judge-attention'
          | 'train-diffmask'
          | 'explain'
          | 'report'
          | 'noop'
          | 'command'
          | 'package';
        pool: string;
        needs: string[];
        forecast?: {
          seconds: {
            low: number;
            median: number;
            high: number;
          };
          deviceSeconds: {
            low: number;
            median: number;
            high: number;
          };
          bytes: {
            low: number;
            median: number;
            high: number;
          };
          samples: number;
          differences: number;
        };
      }[];
      pools: {
        pool: string;
        hasWorkers: boolean;
        waiting: number;
      }[];
      total: {
        found: number;
        computed: number;
        withoutHistory: number;
        deviceSeconds: {
          low: number;
          median: number;
          high: number;
        };
        bytes: {
          low: number;
          median: number;
          high: number;
        };
        seconds: {
          low: number;
          median: number;
          high: number;
        };
      };
    };
    RunRequest: {
      project: string;
      runId: string;
      spec: components['schemas']['PipelineSpec'];
      seeds: {
        [key: string]: number;
      };
      codeVersion: string;
      codeVersions?: {
        [key: string]: string;
      };
      /** Format: date-time */
      submittedAt: string;
      allocated?: string[];
      options?: {
        /** @default true */
        cache: boolean;
        /** @default [] */
        force: string[];
        rerunOf?: {
          runId: string;
          keep: string[];
        };
        ablationOf?: {
          runId: string;
          stage: string;
          replaced: {
            [key: string]: string;
          };
          dropped: string[];
        };
        scheduledBy?: {
          schedule: string;
          /** Format: date-time */
          at: string;
        };
        continues?: string[];
      };
      metric?: string;
    };
    RunView: {
      project: string;
      runId: string;
      pipeline: string;
      /** @enum {string} */
      status: 'running' | 'succeeded' | 'failed' | 'cancelled';
      /** Format: date-time */
      submittedAt: string;
      /** Format: date-time */
      endedAt?: string;
      rerunOf?: string;
      ablationOf?: {
        runId: string;
        stage: string;
        replaced: {
          [key: string]: string;
        };
        dropped: string[];
      };
      scheduledBy?: {
        schedule: string;
        /** Format: date-time */
        at: string;
      };
      stages: {
        [key: string]: {
          /** @enum {string} */
          kind:
            | 'train'
            | 'import-model'
            | 'stored-model'
            | 'nullspace-noise'
            | 'noise-influence'
            | 'augmented-finetune'
            | 'evaluate'
            | 'train-denoiser'
            | 'import-denoiser'
            | 'certify'
            | 'import-certificates'
            | 'judge-attention'
            | 'train-diffmask'
            | 'explain'
            | 'report'
            | 'noop'
            | 'command'
            | 'package';
          pool: string;
          needs: string[];
          /** @enum {string} */
          state: 'waiting' | 'held' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
          /** Format: date-time */
          queuedAt?: string;
          /** Format: date-time */
          startedAt?: string;
          /** Format: date-time */
          endedAt?: string;
          epoch?: number;
          resumedFromStep?: number;
          profile?: {
            build: string;
            device: string;
            threads: number;
            /** @enum {string} */
            precision: 'float32' | 'bfloat16' | 'float16';
            /** @enum {string} */
            execution: 'captured' | 'eager';
            devices?: number;
          };
          outputs?: {
            [key: string]: components['schemas']['ArtifactRef'];
          };
          summary?: {
            [key: string]: unknown;
          };
          cache?: {
            /** @enum {string} */
            outcome: 'hit' | 'shared' | 'kept' | 'miss' | 'forced';
            key?: string;
            from?: {
              runId: string;
              stage: string;
            };
            reason?: string;
          };
          waitsFor?: {
            runId: string;
            stage: string;
          };
          decision?: {
            approved: boolean;
            by: string;
            /** @default  */
            comment: string;
            /** Format: date-time */
            at: string;
          };
          skipped?: {
            intended: boolean;
            reason: string;
          };
          elements?: {
            total?: number;
            succeeded: number;
            found: number;
            failed: number;
            cancelled: number;
            running: number;
            failures: {
              index: number;
              item: string;
              error: components['schemas']['ErrorView'];
            }[];
            record?: components['schemas']['ArtifactRef'];
          };
          error?: components['schemas']['ErrorView'];
          progress?: {
            phase: string;
            step: number;
            total: number;
            stepsPerSecond: number;
            etaSeconds: number | null;
            metrics: {
              [key: string]: number;
            };
          };
        };
      };
    };
    StageStatus: {
      /** @enum {string} */
      kind:
        | 'train'
        | 'import-model'
        | 'stored-model'
        | 'nullspace-noise'
        | 'noise-influence'
        | 'augmented-finetune'
        | 'evaluate'
        | 'train-denoiser'
        | 'import-denoiser'
        | 'certify'
        | 'import-certificates'
        | 'judge-attention'
        | 'train-diffmask'
        | 'explain'
        | 'report'
        | 'noop'
        | 'command'
        | 'package';
      pool: string;
      needs: string[];
      /** @enum {string} */
      state: 'waiting' | 'held' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
      /** Format: date-time */
      queuedAt?: string;
      /** Format: date-time */
      startedAt?: string;
      /** Format: date-time */
      endedAt?: string;
      epoch?: number;
      resumedFromStep?: number;
      profile?: {
        build: string;
        device: string;
        threads: number;
        /** @enum {string} */
        precision: 'float32' | 'bfloat16' | 'float16';
        /** @enum {string} */
        execution: 'captured' | 'eager';
        devices?: number;
      };
      outputs?: {
        [key: string]: components['schemas']['ArtifactRef'];
      };
      summary?: {
        [key: string]: unknown;
      };
      cache?: {
        /** @enum {string} */
        outcome: 'hit' | 'shared' | 'kept' | 'miss' | 'forced';
        key?: string;
        from?: {
          runId: string;
          stage: string;
        };
        reason?: string;
      };
      waitsFor?: {
        runId: string;
        stage: string;
      };
      decision?: {
        approved: boolean;
        by: string;
        /** @default  */
        comment: string;
        /** Format: date-time */
        at: string;
      };
      skipped?: {
        intended: boolean;
        reason: string;
      };
      elements?: {
        total?: number;
        succeeded: number;
        found: number;
        failed: number;
        cancelled: number;
        running: number;
        failures: {
          index: number;
          item: string;
          error: components['schemas']['ErrorView'];
        }[];
        record?: components['schemas']['ArtifactRef'];
      };
      error?: components['schemas']['ErrorView'];
    };
    StoredEvent: {
      sequence: number;
      event: components['schemas']['RunEvent'];
    };
    SubmitRunResponse: {
      project: string;
      runId: string;
    };
    BackfillRequest: {
      /** Format: date-time */
      from: string;
      /** Format: date-time */
      until: string;
      /**
       * @default buffer-all
       * @enum {string}
       */
      overlap: 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'allow-all';
      /** @default false */
      dryRun: boolean;
    };
    Backfill: {
      project: string;
      name: string;
      dryRun: boolean;
      times: string[];
      start: {
        /** @enum {string} */
        kind: 'pipeline' | 'retrain';
        pipeline: string;
        stages: string[];
      };
    };
    ModelList: {
      models: {
        project: string;
        model: string;
        champion: number;
        versions: number;
        /** Format: date-time */
        changedAt: string;
        by: string;
      }[];
    };
    PromoteModel: {
      version?: number;
      from?: {
        runId: string;
        stage: string;
        output: string;
      };
      by: string;
      /** @default  */
      why: string;
    };
    RegisteredModel: {
      /** @constant */
      format: 1;
      project: string;
      model: string;
      versions: {
        version: number;
        artifact: components['schemas']['ArtifactRef'];
        from: {
          runId: string;
          stage: string;
          output: string;
        };
        /** Format: date-time */
        registeredAt: string;
        score?: {
          condition: string;
          images: number;
          accuracy: number;
          low: number;
          high: number;
          datasetSha256: string;
        };
      }[];
      changes: {
        id: string;
        /** @enum {string} */
        action: 'promote' | 'rollback';
        version: number;
        /** Format: date-time */
        at: string;
        by: string;
        /** @default  */
        why: string;
        evidence?: {
          runId: string;
          candidateSha256: string;
          championSha256?: string;
          comparison?: {
            condition: string;
            images: number;
            difference: number;
            low: number;
            high: number;
            candidateOnly: number;
            championOnly: number;
            pValue: number;
          };
        };
      }[];
    };
    RollBackModel: {
      to?: number;
      by: string;
      /** @default  */
      why: string;
    };
    ScheduleList: {
      schedules: {
        project: string;
        name: string;
        paused: boolean;
        note: string;
        /** Format: date-time */
        next?: string;
        /** Format: date-time */
        last?: string;
      }[];
    };
    ScheduleNote: {
      note: string;
    };
    ScheduleSpec: {
      /** @constant */
      version: 1;
      name: string;
      /** @default default */
      project: string;
      /** @default  */
      description: string;
      times: {
        cron?: string | string[];
        /** @default UTC */
        timeZone: string;
        everySeconds?: number;
        /** @default 0 */
        offsetSeconds: number;
        /** Format: date-time */
        from?: string;
        /** Format: date-time */
        until?: string;
        /** @default 0 */
        jitterSeconds: number;
      };
      /**
       * @default skip
       * @enum {string}
       */
      overlap: 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'allow-all';
      /** @default 600 */
      catchUpSeconds: number;
      newData?:
        | {
            /** @constant */
            of: 'dataset';
            dataset: ('cifar10-sample' | 'cifar10') | 'counting' | string;
            /**
             * @default train
             * @enum {string}
             */
            split: 'train' | 'test';
          }
        | {
            /** @constant */
            of: 'output';
            pipeline: string;
            output: string;
          };
      start:
        | {
            /** @constant */
            kind: 'pipeline';
            pipeline: components['schemas']['PipelineSpec'];
          }
        | {
            /** @constant */
            kind: 'retrain';
            model: string;
            pipeline: components['schemas']['PipelineSpec'];
            judge: string;
            /** @default {} */
            promote: {
              /** @default 0 */
              condition: number;
              /** @default 0 */
              margin: number;
              /** @default 0.05 */
              significance: number;
            };
          };
    };
    ScheduleView: {
      project: string;
      name: string;
      spec: components['schemas']['ScheduleSpec'];
      paused: boolean;
      note: string;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt?: string;
      next: string[];
      counts: {
        taken: number;
        missed: number;
        overlapped: number;
      };
      recent: {
        id: string;
        /** Format: date-time */
        at: string;
        /** Format: date-time */
        decidedAt: string;
        /** @enum {string} */
        outcome: 'started' | 'unchanged' | 'failed';
        reason?: string;
        error?: components['schemas']['ErrorView'];
        runId?: string;
        dataSha256?: string;
        /** @enum {string} */
        status?: 'running' | 'succeeded' | 'failed' | 'cancelled';
        retrain?: {
          /** @enum {string} */
          decision: 'promote' | 'keep' | 'alert';
          reasons: string[];
          candidate: {
            condition: string;
            images: number;
            accuracy: number;
            low: number;
            high: number;
            datasetSha256: string;
          };
          champion?: {
            condition: string;
            images: number;
            accuracy: number;
            low: number;
            high: number;
            datasetSha256: string;
          };
          comparison?: {
            condition: string;
            images: number;
            difference: number;
            low: number;
            high: number;
            candidateOnly: number;
            championOnly: number;
            pValue: number;
          };
          version?: number;
        };
      }[];
    };
    SubmitSweepResponse: {
      project: string;
      sweepId: string;
    };
    SweepEdit: {
      parallelism?: number;
      budget?: {
        trials?: number;
        wallSeconds?: number;
        deviceSeconds?: number;
      };
    };
    SweepList: {
      sweeps: {
        project: string;
        sweepId: string;
        name: string;
        /** @enum {string} */
        status: 'running' | 'paused' | 'succeeded' | 'stopped' | 'failed';
        /** Format: date-time */
        submittedAt: string;
        /** Format: date-time */
        endedAt?: string;
      }[];
    };
    SweepReplay: {
      project: string;
      sweepId: string;
      metric: string;
      /** @enum {string} */
      direction: 'maximize' | 'minimize';
      trials: number;
      recorded: {
        scheduler: string;
        deviceSeconds: number;
        best?: {
          trial: number;
          resource: number;
          value: number;
        };
      };
      replayed: {
        scheduler: string;
        deviceSeconds: number;
        best?: {
          trial: number;
          resource: number;
          value: number;
        };
      };
      savedDeviceSeconds: number;
      lost?: number;
      estimated: number;
    };
    SweepReplayRequest: {
      scheduler:
        | {
            /** @constant */
            kind: 'none';
          }
        | {
            /** @constant */
            kind: 'asha';
            /** @default 3 */
            eta: number;
            /** @default 1 */
            minResource: number;
          }
        | {
            /** @constant */
            kind: 'hyperband';
            /** @default 3 */
            eta: number;
            /** @default 1 */
            minResource: number;
          }
        | {
            /** @constant */
            kind: 'median';
            /** @default 1 */
            every: number;
            /** @default 0 */
            grace: number;
            /** @default 3 */
            minTrials: number;
          }
        | {
            /** @constant */
            kind: 'patience';
            /** @default 1 */
            every: number;
            /** @default 3 */
            reports: number;
            /** @default 0 */
            minDelta: number;
          }
        | {
            /** @constant */
            kind: 'pbt';
            /** @default 1 */
            every: number;
            /** @default 8 */
            population: number;
            /** @default 0.25 */
            quantile: number;
            /** @default 0.25 */
            resample: number;
          };
      parallelism?: number;
    };
    SweepSpec: {
      [key: string]: unknown;
    };
    SweepView: {
      project: string;
      sweepId: string;
      name: string;
      /** @enum {string} */
      status: 'running' | 'paused' | 'succeeded' | 'stopped' | 'failed';
      /** Format: date-time */
      submittedAt: string;
      /** Format: date-time */
      endedAt?: string;
      reason?: string;
      error?: components['schemas']['ErrorView'];
      metric: string;
      /** @enum {string} */
      direction: 'maximize' | 'minimize';
      parallelism: number;
      budget: {
        trials: number;
        wallSeconds?: number;
        deviceSeconds?: number;
      };
      tally: {
        started: number;
        running: number;
        waiting: number;
        completed: number;
        stopped: number;
        failed: number;
        notNumbers: number;
        deviceSeconds: number;
        stages: {
          computed: number;
          found: number;
        };
        best?: components['schemas']['TrialView'];
      };
      runs: {
        trial: number;
        runId: string;
        until: number;
      }[];
      log?: components['schemas']['ArtifactRef'];
    };
    TrialList: {
      trials: components['schemas']['TrialView'][];
    };
    TrialView: {
      trial: number;
      /** @enum {string} */
      state: 'running' | 'waiting' | 'completed' | 'stopped' | 'failed';
      point: {
        [key: string]:
          | (string | number | boolean | null)
          | (string | number | boolean | null)[]
          | {
              [key: string]: string | number | boolean | null;
            };
      };
      reports: {
        resource: number;
        value: number | null;
      }[];
      segments: {
        point: {
          [key: string]:
            | (string | number | boolean | null)
            | (string | number | boolean | null)[]
            | {
                [key: string]: string | number | boolean | null;
              };
        };
        until: number;
      }[];
      bracket: number;
      deviceSeconds: number;
      stages: {
        computed: number;
        found: number;
      };
      error?: components['schemas']['ErrorView'];
    };
    ListedPool: {
      pool: string;
      hasWorkers: boolean;
      waiting: number;
      hasPolicy: boolean;
    };
    WorkerDrain: {
      worker: string;
      /** @default true */
      draining: boolean;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  'runs.list': {
    parameters: {
      query?: {
        project?: string;
        status?:
          | ('running' | 'succeeded' | 'failed' | 'cancelled')
          | ('running' | 'succeeded' | 'failed' | 'cancelled')[];
        pipeline?: string | string[];
        text?: string;
        since?: string;
        cursor?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List the runs of a project, newest first */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunList'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'runs.submit': {
    parameters: {
      query?: {
        cache?: 'on' | 'off';
        force?: string | string[];
      };
      header?: {
        /** @description The same key with the same pipeline gives the same run, however often it is sent. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PipelineSpec'];
        'application/yaml': components['schemas']['PipelineSpec'];
      };
    };
    responses: {
      /** @description Start a run of a pipeline */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubmitRunResponse'];
        };
      };
      /**
       * @description `InvalidSpec`: Correct the named field of the pipeline and submit again.
       *
       *     `InvalidRequest`: Correct the named field of the request.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'runs.view': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Show a run: its stages, their progress, results and errors */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'runs.request': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Show a run as it was submitted: pipeline, seeds, code version, options */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunRequest'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `StorageUnavailable`: Check that the S3 server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'runs.rerun': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RerunRequest'];
      };
    };
    responses: {
      /** @description Start a run that repeats a closed one, taking over what succeeded */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubmitRunResponse'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'runs.ablate': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AblateRequest'];
      };
    };
    responses: {
      /** @description Start a run that repeats a closed one with a stage switched to identity */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubmitRunResponse'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'runs.cancel': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ask a run to stop */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'approval.decide': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
        stage: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Decision'];
      };
    };
    responses: {
      /** @description Approve or reject a stage that is held */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'plans.plan': {
    parameters: {
      query?: {
        cache?: 'on' | 'off';
        force?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PipelineSpec'];
        'application/yaml': components['schemas']['PipelineSpec'];
      };
    };
    responses: {
      /** @description Look ahead at a run: what it would find, compute, take and wait for */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunPlan'];
        };
      };
      /**
       * @description `InvalidSpec`: Correct the named field of the pipeline and submit again.
       *
       *     `InvalidRequest`: Correct the named field of the request.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'events.follow': {
    parameters: {
      query?: never;
      header?: {
        /** @description Id of the last event the client has; the stream goes on behind it. */
        'last-event-id'?: string;
      };
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Follow a run by server-sent events */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'events.logs': {
    parameters: {
      query?: {
        stage?: string;
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Read what the stages of a run logged */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LogPage'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'events.append': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['EventBatch'];
      };
    };
    responses: {
      /** @description Take over what stages report; for workers */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            accepted: number;
          };
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'artifacts.list': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List what the stages of a run have made */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactList'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'artifacts.read': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
        stage: string;
        output: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Read the bytes of one output */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/vnd.safetensors': string;
          'application/json': string;
          'application/x-ndjson': string;
          'text/tab-separated-values': string;
          'application/vnd.apache.parquet': string;
          'image/png': string;
          'text/html': string;
          'application/octet-stream': string;
          'application/vnd.vitrine.list+json': string;
          'application/x-tar': string;
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `NotFound`: List what exists with `vitrine runs`.
       *
       *     `ArtifactMissing`: The object is gone from the store; run the stage that made it again.
       */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `ArtifactCorrupt`: The bytes are not what was written: remove the named object, check the disk, then run the stage again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'cache.explain': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        runId: string;
        stage: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Say why a stage was computed, or whose result was found */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CacheExplanation'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'lineage.trace': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Trace an artifact: what it was made from, and what was made of it */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Lineage'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `StorageUnavailable`: Check that the S3 server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'health.health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Say that this process is alive */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ok';
            version: string;
          };
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'health.ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Say whether Temporal and the store answer, and how fast */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Readiness'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'metrics.metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Metrics of this process for Prometheus */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain; version=0.0.4; charset=utf-8': string;
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pages.about': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Say what this installation is, and where the rest of it is found */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['About'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pages.loginLink': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Make a link that logs a browser in */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LoginLink'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pages.login': {
    parameters: {
      query: {
        ticket: string;
        to?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Open a session for this browser */
      303: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/html': string;
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.list': {
    parameters: {
      query?: {
        project?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List the sweeps of a project, newest first */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepList'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.submit': {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key with the same sweep gives the same sweep, however often it is sent. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SweepSpec'];
        'application/yaml': components['schemas']['SweepSpec'];
      };
    };
    responses: {
      /** @description Start a sweep: a pipeline run again and again with values of a space */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubmitSweepResponse'];
        };
      };
      /**
       * @description `InvalidSpec`: Correct the named field of the pipeline and submit again.
       *
       *     `InvalidRequest`: Correct the named field of the request.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.view': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Show a sweep: counts, the best trial, what runs, what is left of its budget */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.trials': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List the trials of a sweep with their values and reports */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrialList'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.pause': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Pause a sweep at once: trials under way store a checkpoint and give their devices back */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.resume': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Let a paused sweep go on: its trials from their checkpoints */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.stop': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Stop a sweep as a whole, at once and for good */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.edit': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SweepEdit'];
      };
    };
    responses: {
      /** @description Change parallelism and budget of a sweep that runs */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'sweeps.replay': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        sweepId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SweepReplayRequest'];
      };
    };
    responses: {
      /** @description Say what another scheduler would have saved and lost, from the recorded curves; no device is used */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SweepReplay'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pools.list': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List the pools: who works for them, what waits, whether a policy gives their devices out */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PoolList'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pools.view': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        pool: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Show a pool with a policy: who holds what, and why each stage that waits does */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PoolView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pools.set': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        pool: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PoolPolicy'];
      };
    };
    responses: {
      /** @description Give the devices of a pool out by a policy from now on, or change it */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PoolView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pools.unset': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        pool: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Serve who comes first again; what waits goes on waiting there */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ListedPool'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'pools.drain': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        pool: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['WorkerDrain'];
      };
    };
    responses: {
      /** @description Let a worker of a pool take no more stages, or take them again; what it runs goes on */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PoolView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.list': {
    parameters: {
      query?: {
        project?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List the schedules of a project by name */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleList'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.create': {
    parameters: {
      query?: {
        paused?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleSpec'];
        'application/yaml': components['schemas']['ScheduleSpec'];
      };
    };
    responses: {
      /** @description Make a schedule that starts a pipeline, or a re-training, at its times */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /**
       * @description `InvalidSpec`: Correct the named field of the pipeline and submit again.
       *
       *     `InvalidRequest`: Correct the named field of the request.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.view': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Show a schedule: its next times, and what became of the last ones */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.edit': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleSpec'];
        'application/yaml': components['schemas']['ScheduleSpec'];
      };
    };
    responses: {
      /** @description Replace what a schedule starts and when; pause and note stay */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /**
       * @description `InvalidSpec`: Correct the named field of the pipeline and submit again.
       *
       *     `InvalidRequest`: Correct the named field of the request.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `InvalidConfig`: Correct the named variable or configuration file and start again.
       *
       *     `Internal`: This is a defect of Vitrine; please report it with the log.
       */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.pause': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleNote'];
      };
    };
    responses: {
      /** @description Pause a schedule, and say why; what it has started goes on */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.resume': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleNote'];
      };
    };
    responses: {
      /** @description Let a paused schedule go on with its next time */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.trigger': {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key with the same schedule gives the same start, however often it is sent. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Start now what a schedule starts, by its overlap policy */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.backfill': {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key with the same range gives the same starts, however often it is sent. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['BackfillRequest'];
      };
    };
    responses: {
      /** @description Start what a schedule would have started between two times, or only list it */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Backfill'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'schedules.remove': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Delete a schedule; what it has started goes on */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleView'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'models.list': {
    parameters: {
      query?: {
        project?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description List the registered models of a project with their champions */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ModelList'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `StorageUnavailable`: Check that the S3 server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'models.view': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        model: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Show a model: its versions, and who made which one champion, when and why */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RegisteredModel'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `StorageUnavailable`: Check that the S3 server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'models.promote': {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key with the same promotion gives the same change, however often it is sent. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        model: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PromoteModel'];
      };
    };
    responses: {
      /** @description Make a version the champion, or the model that a run has made */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RegisteredModel'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `TemporalUnavailable`: Check that the Temporal server answers at the configured address.
       *
       *     `StorageUnavailable`: Check that the S3 server answers at the configured address.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  'models.rollBack': {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key with the same rollback gives the same change, however often it is sent. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        model: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RollBackModel'];
      };
    };
    responses: {
      /** @description Go back to the champion before this one, or to a version; the history keeps both */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RegisteredModel'];
        };
      };
      /** @description `InvalidRequest`: Correct the named field of the request. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Unauthorized`: Send the API token as a bearer token. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `NotFound`: List what exists with `vitrine runs`. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Conflict`: Another request changed this first; read it again. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `Internal`: This is a defect of Vitrine; please report it with the log. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `StorageUnavailable`: Check that the S3 server answers at the configured address. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `DiskFull`: Free space on the named file system. */
      507: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
