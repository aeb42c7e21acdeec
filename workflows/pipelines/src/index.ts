/** The entry of the workflow bundle: every function exported here is a workflow. */
export { elementsWorkflow } from './elements.workflow.js';
export { flightWorkflow } from './flight.workflow.js';
export { pipelineWorkflow } from './pipeline.workflow.js';
export { planWorkflow } from './plan.workflow.js';
export { poolWorkflow } from './pool.workflow.js';
export { scheduledWorkflow } from './scheduled.workflow.js';
export { sweepWorkflow } from './sweep.workflow.js';
export { stageWorkflow } from './stage.workflow.js';
