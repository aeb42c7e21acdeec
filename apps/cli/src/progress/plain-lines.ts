import { stagesInOrder, type RunBoard } from './run-board.js';
import { stageLine } from './stage-line.js';
import { PLAIN } from './style.js';

const WIDTH = 160;

/** A line for each tenth of a stage, but not faster than people read, and at least now and then. */
const TENTHS = 10;
const SHORTEST_PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;

interface Told {
  readonly state: string;
  readonly tenth: number;
  readonly at: number;
}

/** What a log should show of a run: each change of a stage, and its progress sparsely. */
export class PlainLines {
  private readonly told = new Map<string, Told>();

  /** The lines that are new since the last call. */
  update(board: RunBoard, now: number): string[] {
    const stages = stagesInOrder(board);
    const nameWidth = Math.max(...stages.map(([name]) => name.length));
    return stages.flatMap(([name, stage]) => {
      const before = this.told.get(name);
      const { step = 0, total = 0 } = stage.progress ?? {};
      const tenth = total > 0 ? Math.floor((TENTHS * step) / total) : 0;
      const pause = now - (before?.at ?? 0);
      const hasMoved = stage.progress !== undefined && stage.state === 'running';
      const isNews =
        before?.state !== stage.state ||
        (hasMoved && pause >= (tenth > before.tenth ? SHORTEST_PAUSE : LONGEST_PAUSE));
      // A stage that only waits is no news.
      if (!isNews || (before === undefined && stage.state === 'waiting')) return [];
      this.told.set(name, { state: stage.state, tenth, at: now });
      return [stageLine(stage, { ...PLAIN, name, nameWidth, width: WIDTH, now }).trimEnd()];
    });
  }
}
