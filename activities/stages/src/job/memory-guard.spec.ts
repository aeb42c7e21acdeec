import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bootMicroseconds, namesOomKill, readKernelLog, recordsSince } from './kernel-log.js';
import { MemoryCgroup, type KernelPaths } from './memory-cgroup.js';
import { judge } from './memory-guard.js';

const RECORDS = [
  '4,710,9876,-;node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n',
  '6,711,9877,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task_memcg=/a,task=node,pid=4242,uid=0\n',
  '3,712,9878,-;Memory cgroup out of memory: Killed process 4242 (node) total-vm:1kB, anon-rss:1kB\n',
];

describe("the kernel's log", () => {
  it('names the process it killed for memory, in either wording, and no other', () => {
    expect(namesOomKill([RECORDS[1] ?? ''], 4242)).toBe(true);
    expect(namesOomKill([RECORDS[2] ?? ''], 4242)).toBe(true);
    expect(namesOomKill(RECORDS, 242)).toBe(false);
    expect(namesOomKill(RECORDS, 424)).toBe(false);
    expect(namesOomKill([RECORDS[0] ?? ''], 4242)).toBe(false);
  });

  it('is read from the start of the process on, because numbers come back', () => {
    const earlier = '3,1,5000000,-;Memory cgroup out of memory: Killed process 7 (node)\n';
    const later = '3,2,900000000,-;Memory cgroup out of memory: Killed process 8 (node)\n';
    expect(recordsSince([earlier, later], 800_000_000)).toEqual([later]);
    expect(recordsSince([earlier, later], 5_000_000)).toEqual([earlier, later]);
  });

  it("counts time as this machine's clock does", () => {
    const log = readKernelLog();
    // Where it cannot be read there is no time to compare.
    if (log) expect(recordsSince(log, bootMicroseconds() + 120_000_000)).toEqual([]);
    expect(bootMicroseconds()).toBeGreaterThan(0);
  });

  it("has the last word where it can be read, whatever the group's counter says", () => {
    expect(judge({ pid: 4242, records: RECORDS, kills: 0 }).outOfMemory).toBe(true);
    expect(judge({ pid: 77, records: RECORDS, kills: 1 }).outOfMemory).toBe(false);
  });

  it('leaves it to the counter where it cannot be read', () => {
    expect(judge({ pid: 77, records: undefined, kills: 1 })).toEqual({
      outOfMemory: true,
      evidence: 'oom_kill grew by 1 in the memory group',
    });
    expect(judge({ pid: 77, records: undefined, kills: 0 }).outOfMemory).toBe(false);
  });
});

/** A picture of the kernel's files, as they look in each generation. */
function picture(files: Record<string, string>): KernelPaths {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  pictures.push(root);
  return { cgroups: join(root, 'cgroup'), proc: join(root, 'proc') };
}
const pictures: string[] = [];
afterEach(() => pictures.splice(0).forEach((root) => rmSync(root, { recursive: true })));

describe('a memory group', () => {
  it('of version 2 counts its own kills and not those below it', () => {
    const kernel = picture({
      'proc/9/cgroup': '0::/work/one\n',
      'cgroup/cgroup.controllers': 'cpu memory\n',
      'cgroup/work/one/memory.events': 'low 0\noom 3\noom_kill 3\n',
      'cgroup/work/one/memory.events.local': 'low 0\noom 1\noom_kill 1\n',
      'cgroup/work/one/memory.peak': '123456\n',
    });
    const group = MemoryCgroup.of(9, kernel);
    expect(group?.oomKills()).toBe(1);
    expect(group?.peakBytes()).toBe(123456);
  });

  it('of version 1 is found among the other hierarchies', () => {
    const kernel = picture({
      'proc/9/cgroup': '9:name=systemd:/\n4:cpu,memory:/work/a:b\n1:cpuset:/other\n',
      'cgroup/memory/work/a:b/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
      'cgroup/memory/work/a:b/memory.max_usage_in_bytes': '42\n',
    });
    const group = MemoryCgroup.of(9, kernel);
    expect(group?.oomKills()).toBe(2);
    expect(group?.peakBytes()).toBe(42);
  });

  it("in a container is the container's root when the path is the host's", () => {
    const kernel = picture({
      'proc/9/cgroup': '4:memory:/docker/0123\n',
      'cgroup/memory/memory.oom_control': 'oom_kill 7\n',
    });
    expect(MemoryCgroup.of(9, kernel)?.oomKills()).toBe(7);
  });

  it('is unknown where the kernel shows none', () => {
    expect(MemoryCgroup.of(9, picture({ 'proc/9/cgroup': '1:cpuset:/\n' }))).toBeUndefined();
    expect(MemoryCgroup.of(8, picture({ 'proc/9/cgroup': '' }))).toBeUndefined();
  });

  it('that is new gets its limits before its first process', () => {
    const kernel = picture({
      'proc/9/cgroup': '4:memory:/w\n',
      'cgroup/memory/w/memory.oom_control': 'oom_kill 0\n',
    });
    const child = MemoryCgroup.of(9, kernel)?.createChild('vitrine-1-1', 2 ** 26);
    const read = (name: string) => readFileSync(join(child?.folder ?? '', name), 'utf8');
    expect(read('memory.limit_in_bytes')).toBe(String(2 ** 26));
    expect(read('memory.memsw.limit_in_bytes')).toBe(String(2 ** 26));
    expect(child?.admit(9)).toBe(true);
    expect(read('cgroup.procs')).toBe('9');
  });
});
