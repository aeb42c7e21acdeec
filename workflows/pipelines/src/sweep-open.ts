import { proxyActivities } from '@temporalio/workflow';
import type { ArtifactRef, SweepActivities, SweepOpen } from '@vitrine/contracts';
import { CONTROL } from './activity-options.js';
import { inPieces } from './pieces.js';

const { storeOpen, recallOpen } = proxyActivities<SweepActivities>(CONTROL);

/** Characters of JSON that are carried beside the request of a sweep; more than that goes to the store. */
const MOST_CARRIED = 100_000;

export function isTooLong(open: SweepOpen): boolean {
  return JSON.stringify(open).length > MOST_CARRIED;
}

/** Puts what is open into the store, in pieces that travel. */
export async function store(project: string, { news, waiting }: SweepOpen): Promise<ArtifactRef[]> {
  const pieces: SweepOpen[] = [
    ...inPieces(news).map((piece) => ({ news: piece, waiting: [] })),
    ...inPieces(waiting).map((piece) => ({ news: [], waiting: piece })),
  ];
  const stored: ArtifactRef[] = [];
  for (const piece of pieces) stored.push(await storeOpen(project, piece));
  return stored;
}

/** What was put into the store, piece by piece. */
export async function* recall(project: string, stored: readonly ArtifactRef[]): AsyncGenerator<SweepOpen> {
  for (const piece of stored) yield await recallOpen(project, piece);
}
