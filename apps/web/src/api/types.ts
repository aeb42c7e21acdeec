import type { components } from '../generated/api.js';

type Schemas = components['schemas'];

export type RunView = Schemas['RunView'];
export type StageView = RunView['stages'][string];
export type RunStatus = RunView['status'];
export type RunList = Schemas['RunList'];
export type RunSummary = RunList['runs'][number];
export type RunRequest = Schemas['RunRequest'];
export type RunPlan = Schemas['RunPlan'];
export type PlannedStage = RunPlan['stages'][number];
export type Problem = Schemas['Problem'];
export type StoredEvent = Schemas['StoredEvent'];
export type Progress = NonNullable<StageView['progress']>;
export type LogLine = Schemas['LogPage']['lines'][number];
export type Artifact = Schemas['ArtifactRef'];
