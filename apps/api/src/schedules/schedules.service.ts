import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import {
  VitrineError,
  type Backfill,
  type BackfillRequest,
  type ScheduleList,
  type ScheduleSpec,
  type ScheduleView,
} from '@vitrine/contracts';
import { PARTS, type ApiParts } from '../parts.js';
import { refuseTooLong } from '../runs/refuse-too-long.js';
import { RunsService } from '../runs/runs.service.js';
import type { KnownSchedule } from '../temporal/schedule.gateway.js';
import type { ScheduleParams } from './schedule.params.js';

/** Entries of its history that a schedule shows. */
const RECENT = 20;
/** Temporal lists so many times and no more, and keeps so many starts that wait for each other. */
const TOO_MANY = 1000;

@Injectable()
export class SchedulesService {
  constructor(
    @Inject(PARTS) private readonly parts: ApiParts,
    @Inject(RunsService) private readonly runs: RunsService,
  ) {}

  /**
   * Resolves the pipeline as that of a run and makes the schedule. Made again with the same fields, it is the one that is there.
   * @throws VitrineError InvalidRequest, InvalidConfig, Conflict, TemporalUnavailable, StorageUnavailable
   */
  async create(submitted: ScheduleSpec, paused?: string): Promise<ScheduleView> {
    await this.parts.temporal.ping();
    const spec = await this.resolved(submitted);
    const made = await this.parts.temporal.schedules.create(spec, paused);
    const view = await this.view(spec);
    if (made || isDeepStrictEqual(view.spec, spec)) return view;
    throw new VitrineError('Conflict', 'There is another schedule of this name.', {
      where: `${spec.project}/${spec.name}`,
      expected: 'a new name, or the fields of the schedule that is there',
      actual: 'other fields',
      hint: 'Change it with `vitrine schedule edit`, or delete it first.',
    });
  }

  async list(project: string): Promise<ScheduleList> {
    return { schedules: await this.parts.temporal.schedules.list(project) };
  }

  /** @throws VitrineError NotFound, TemporalUnavailable, StorageUnavailable */
  async view(key: ScheduleParams): Promise<ScheduleView> {
    const known = await this.known(key);
    const history = await this.parts.schedules.history(known.project, known.name);
    return { ...known, recent: (history?.entries ?? []).slice(-RECENT).reverse() };
  }

  /** @throws VitrineError NotFound, InvalidRequest for fields of another schedule, and as `create` */
  async edit(key: ScheduleParams, submitted: ScheduleSpec): Promise<ScheduleView> {
    const own = `${key.project}/${key.name}`;
    if (`${submitted.project}/${submitted.name}` !== own)
      throw new VitrineError('InvalidRequest', 'A schedule keeps its name and its project.', {
        where: 'body: name',
        expected: own,
        actual: `${submitted.project}/${submitted.name}`,
      });
    const spec = await this.resolved(submitted);
    return this.told(key, await this.parts.temporal.schedules.edit(spec));
  }

  async pause(key: ScheduleParams, note: string): Promise<ScheduleView> {
    return this.told(key, await this.parts.temporal.schedules.pause(named(key), note));
  }

  async resume(key: ScheduleParams, note: string): Promise<ScheduleView> {
    return this.told(key, await this.parts.temporal.schedules.resume(named(key), note));
  }

  /** Starts now what the schedule starts, by its overlap policy. @throws VitrineError NotFound */
  async trigger(key: ScheduleParams, request?: string): Promise<ScheduleView> {
    const { spec } = await this.known(key);
    return this.told(key, await this.parts.temporal.schedules.trigger(named(key), spec, request));
  }

  /** Starts what the schedule would have started, or says what that is. @throws VitrineError NotFound, InvalidRequest */
  async backfill(key: ScheduleParams, asked: BackfillRequest, request?: string): Promise<Backfill> {
    const { spec } = await this.known(key);
    const { dryRun, overlap } = asked;
    const [from, until] = [new Date(asked.from), new Date(asked.until)];
    const { schedules } = this.parts.temporal;
    const times = await schedules.timesBetween(named(key), from, until);
    if (times.length >= TOO_MANY)
      throw new VitrineError('InvalidRequest', 'A backfill would start too much.', {
        where: 'body: until',
        expected: `fewer than ${TOO_MANY} times of the schedule`,
        actual: `${times.length} or more`,
        hint: 'Give a shorter range, and another one after it.',
      });
    if (
      !dryRun &&
      times.length > 0 &&
      !(await schedules.backfill(named(key), { from, until, overlap }, request))
    )
      throw unknownSchedule(key);
    const { kind, pipeline } = spec.start;
    const start = { kind, pipeline: pipeline.name, stages: Object.keys(pipeline.stages) };
    return { ...named(key), dryRun, times, start };
  }

  /** What it has started goes on. @returns it as it was */
  async remove(key: ScheduleParams): Promise<ScheduleView> {
    const view = await this.view(key);
    if (await this.parts.temporal.schedules.remove(named(key))) return view;
    throw unknownSchedule(key);
  }

  private async resolved(submitted: ScheduleSpec): Promise<ScheduleSpec> {
    const { project, start } = submitted;
    const pipeline = await this.runs.resolve({ ...start.pipeline, project });
    const spec: ScheduleSpec = { ...submitted, start: { ...start, pipeline } };
    refuseTooLong(spec, pipeline, { where: 'start.pipeline.stages' });
    return spec;
  }

  private async told(key: ScheduleParams, there: boolean): Promise<ScheduleView> {
    if (there) return this.view(key);
    throw unknownSchedule(key);
  }

  private async known(key: ScheduleParams): Promise<KnownSchedule> {
    const known = await this.parts.temporal.schedules.describe(named(key));
    if (known) return known;
    throw unknownSchedule(key);
  }
}

const named = ({ project, name }: ScheduleParams): ScheduleParams => ({ project, name });

function unknownSchedule({ project, name }: ScheduleParams): VitrineError {
  return new VitrineError('NotFound', 'There is no such schedule.', {
    where: `${project}/${name}`,
    expected: 'a project and a name as the list of schedules has them',
    hint: 'List what exists with `vitrine schedules`.',
  });
}
