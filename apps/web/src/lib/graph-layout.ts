/** A node of the graph, with what it needs. */
export interface GraphNode {
  readonly name: string;
  readonly needs: readonly string[];
}

export interface Placed {
  readonly name: string;
  readonly rank: number;
  readonly x: number;
  readonly y: number;
}

export const BOX = { width: 192, height: 76, gapX: 48, gapY: 20 } as const;

/**
 * Places a graph from left to right: a node's rank is the longest way to it, and within a rank nodes stand by the mean place of
 * what they need. It depends on the graph alone, so nothing moves while a run lives. A cycle, which no planned run has,
 * is cut where it closes.
 */
export function layOut(nodes: readonly GraphNode[]): readonly Placed[] {
  const ranks = rankNodes(nodes);
  const columns: GraphNode[][] = [];
  for (const node of [...nodes, ...passages(nodes, ranks)])
    (columns[ranks.get(node.name) ?? 0] ??= []).push(node);
  const lanes = new Map<string, number>();
  for (const column of columns) {
    const wanted = new Map(column.map((node, index) => [node.name, meanLane(node, lanes) ?? index]));
    column.sort((a, b) => (wanted.get(a.name) ?? 0) - (wanted.get(b.name) ?? 0));
    // Centred, so that a fan-in stands in the middle of what it takes.
    column.forEach((node, index) => lanes.set(node.name, index - (column.length - 1) / 2));
  }
  const top = Math.min(...nodes.map(({ name }) => lanes.get(name) ?? 0));
  return nodes.map(({ name }) => {
    const rank = ranks.get(name) ?? 0;
    return {
      name,
      rank,
      x: rank * (BOX.width + BOX.gapX),
      y: ((lanes.get(name) ?? 0) - top) * (BOX.height + BOX.gapY),
    };
  });
}

/**
 * What keeps a lane free for edges that pass a rank: one for each node and rank, placed like a node. Their ranks are added to
 * those of the nodes.
 */
function passages(nodes: readonly GraphNode[], ranks: Map<string, number>): readonly GraphNode[] {
  const furthest = new Map<string, number>();
  for (const { name, needs } of nodes)
    for (const need of needs) {
      const rank = ranks.get(name) ?? 0;
      if (ranks.has(need) && rank > (furthest.get(need) ?? 0)) furthest.set(need, rank);
    }
  return [...furthest].flatMap(([source, last]) => {
    const first = (ranks.get(source) ?? 0) + 1;
    return Array.from({ length: Math.max(0, last - first) }, (_, index): GraphNode => {
      const rank = first + index;
      // No stage's name has a line break in it.
      const name = `${source}\n${rank}`;
      ranks.set(name, rank);
      return { name, needs: [index === 0 ? source : `${source}\n${rank - 1}`] };
    });
  });
}

function meanLane({ needs }: GraphNode, lanes: ReadonlyMap<string, number>): number | undefined {
  const known = needs.flatMap((name) => lanes.get(name) ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, lane) => sum + lane, 0) / known.length;
}

function rankNodes(nodes: readonly GraphNode[]): Map<string, number> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ranks = new Map<string, number>();
  // A stack of its own: chains of thousands of stages would overflow the engine's.
  for (const { name: start } of nodes) {
    const stack = [start];
    const open = new Set<string>();
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const needs = (byName.get(name)?.needs ?? []).filter((need) => byName.has(need));
      const missing = ranks.has(name)
        ? []
        : needs.filter((need) => !ranks.has(need) && !open.has(need) && need !== name);
      open.add(name);
      if (missing.length > 0) stack.push(...missing);
      else {
        if (!ranks.has(name))
          ranks.set(name, Math.max(-1, ...needs.map((need) => ranks.get(need) ?? -1)) + 1);
        stack.pop();
      }
    }
  }
  return ranks;
}

/** The node and all that it needs, and all that needs it. */
export function kin(nodes: readonly GraphNode[], name: string): ReadonlySet<string> {
  const found = new Set([name]);
  const reach = (next: (current: string) => readonly string[]): void => {
    const seen = new Set([name]);
    for (const current of seen) for (const other of next(current)) seen.add(other);
    for (const one of seen) found.add(one);
  };
  const byName = new Map(nodes.map((node) => [node.name, node]));
  reach((current) => (byName.get(current)?.needs ?? []).filter((need) => byName.has(need)));
  reach((current) => nodes.filter(({ needs }) => needs.includes(current)).map((node) => node.name));
  return found;
}
