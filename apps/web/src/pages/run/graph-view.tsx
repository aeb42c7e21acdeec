import {
  Background,
  Controls,
  Handle,
  Position,
  ReactFlow,
  useReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo, type ReactNode } from 'react';
import type { StageView } from '../../api/types.js';
import { BOX, kin, layOut } from '../../lib/graph-layout.js';
import { stageLook, stageShare } from '../../lib/run-sentence.js';
import { Status } from '../../parts/status.js';
import { useKeys } from '../../parts/use-keys.js';
import { stageFact, type StagesProps } from './stage-list.js';
import { StageTook } from './stage-took.js';

type StageNode = Node<
  { stage: StageView; chosen: boolean; far: boolean; choose: (name: string) => void },
  'stage'
>;

const NODE_TYPES = { stage: StageBox };

/** The stages from left to right. Boxes stand where the graph puts them, whatever happens to the run. */
export function GraphView({ view, chosen, choose }: StagesProps): ReactNode {
  const graph = useMemo(
    () => Object.entries(view.stages).map(([name, { needs }]) => ({ name, needs })),
    // The shape of a run never changes; its states do.
    [Object.keys(view.stages).join('\n')],
  );
  const places = useMemo(() => layOut(graph), [graph]);
  const near = useMemo(() => (chosen === undefined ? undefined : kin(graph, chosen)), [graph, chosen]);
  const nodes = places.flatMap(({ name, x, y }): StageNode[] => {
    const stage = view.stages[name];
    if (!stage) return [];
    const data = { stage, chosen: name === chosen, far: near !== undefined && !near.has(name), choose };
    return [{ id: name, type: 'stage', position: { x, y }, width: BOX.width, height: BOX.height, data }];
  });
  const edges = graph.flatMap(({ name, needs }) =>
    needs.map((need): Edge => ({
      id: `${need} ${name}`,
      source: need,
      target: name,
      className: near && !(near.has(need) && near.has(name)) ? 'far' : near ? 'near' : '',
    })),
  );
  const tallest = Math.max(...places.map(({ y }) => y), 0) + BOX.height;
  return (
    <div className="graph panel" style={{ height: Math.min(640, Math.max(280, tallest + 96)) }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        zoomOnScroll={false}
        panOnScroll={false}
        minZoom={0.1}
        maxZoom={1.5}
        fitView
        fitViewOptions={FIT}
      >
        <Background gap={24} />
        <Controls showInteractive={false} fitViewOptions={FIT} />
        <FitKey />
      </ReactFlow>
    </div>
  );
}

/** Boxes that could not be read any more are better panned to. */
const FIT = { padding: 0.04, maxZoom: 1, minZoom: 0.6 } as const;

function FitKey(): ReactNode {
  const { fitView } = useReactFlow();
  useKeys({ f: () => void fitView(FIT) });
  return null;
}

function StageBox({ id, data: { stage, chosen, far, choose } }: NodeProps<StageNode>): ReactNode {
  const look = stageLook(stage);
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <button
        type="button"
        className={`stage-box look-${look}${far ? ' far' : ''}`}
        aria-pressed={chosen}
        onClick={() => choose(id)}
      >
        <span className="stage-name">
          <strong className="cut" title={id}>
            {id}
          </strong>
        </span>
        <span className="row spread small" style={{ flexWrap: 'nowrap' }}>
          <Status bare look={look} share={stageShare(stage)} />
          <span className="muted">
            <StageTook stage={stage} />
          </span>
        </span>
        <span className="small muted cut number">{stageFact(stage)}</span>
        <Strip stage={stage} />
      </button>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}

/** How the elements of a fan-out stand, in one strip; or how far a stage is that runs. */
function Strip({ stage }: { readonly stage: StageView }): ReactNode {
  const { elements, state } = stage;
  const share = stageShare(stage);
  if (elements?.total)
    return (
      <span className="strip" aria-hidden="true">
        <i className="done" style={{ width: `${(100 * elements.succeeded) / elements.total}%` }} />
        <i className="bad" style={{ width: `${(100 * elements.failed) / elements.total}%` }} />
        <i className="busy" style={{ width: `${(100 * elements.running) / elements.total}%` }} />
      </span>
    );
  if (state !== 'running' || share === undefined) return null;
  return (
    <span className="strip" aria-hidden="true">
      <i className="busy" style={{ width: `${100 * share}%` }} />
    </span>
  );
}
