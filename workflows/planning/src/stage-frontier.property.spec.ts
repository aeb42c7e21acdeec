import type { StageState } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StageFrontier } from './stage-frontier.js';
import { blockedStages, initialStates, readyStages } from './testing/asking-all-stages.js';
import { randomPipeline } from './testing/random-pipeline.js';

const ends = fc.infiniteStream(fc.constantFrom<StageState>('succeeded', 'failed', 'cancelled'));

describe('the frontier of a run', () => {
  it('names the stages that become ready or lost exactly when asking all stages names them, whatever the graph and the ends', () => {
    fc.assert(
      fc.property(randomPipeline, ends, fc.infiniteStream(fc.nat()), (spec, outcomes, picks) => {
        const frontier = new StageFrontier(spec);
        const states = initialStates(spec);
        const running: string[] = [];
        for (;;) {
          const blocked = frontier.takeBlocked();
          expect([...blocked].sort()).toEqual(blockedStages(spec, states));
          for (const stage of blocked) states[stage] = 'skipped';
          const ready = frontier.takeReady();
          expect(ready).toEqual(readyStages(spec, states));
          for (const stage of ready) states[stage] = 'queued';
          running.push(...ready);
          if (running.length === 0) break;
          const [next = ''] = running.splice((picks.next().value ?? 0) % running.length, 1);
          const end = outcomes.next().value ?? 'succeeded';
          states[next] = end;
          if (end === 'succeeded') frontier.succeeded(next);
          else frontier.gaveNothing(next);
        }
        expect(Object.values(states)).not.toContain('waiting');
      }),
    );
  });
});
