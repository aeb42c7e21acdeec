import { readFileSync, readdirSync } from 'node:fs';

/** Direct and indirect children of a process, by /proc. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const isBelow = (candidate: number): boolean => {
    const parent = parents.get(candidate);
    return parent !== undefined && (parent === pid || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** The processes among them that run a stage. */
export function stageProcesses(workerPid: number): number[] {
  return descendants(workerPid).filter((pid) => commandLine(pid).includes('job-entry'));
}

/** The one that runs a stage now. Throws when there is none: number 0 would mean the group of the caller. */
export function stageProcess(workerPid: number): number {
  const [pid] = stageProcesses(workerPid);
  if (pid === undefined) throw new Error(`worker ${workerPid} runs no stage`);
  return pid;
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined && stateOf(pid) !== 'Z';
}

function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function parentOf(pid: number): number | undefined {
  const field = statFields(pid)?.[1];
  return field === undefined ? undefined : Number(field);
}

function stateOf(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
