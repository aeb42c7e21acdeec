import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { VitrineError } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { readFailure, toFailure } from './fail.js';

const inActivity = (cause: Error): ActivityFailure =>
  new ActivityFailure('Activity task failed', 'runStage', '1', 'MAXIMUM_ATTEMPTS_REACHED', 'worker', cause);
const inChild = (cause: Error): ChildWorkflowFailure =>
  new ChildWorkflowFailure('default', { workflowId: 'w' }, 'stageWorkflow', 'NON_RETRYABLE_FAILURE', cause);

describe('a failure', () => {
  it('of an activity, through the workflow of its stage, is the error it was', () => {
    const view = new VitrineError('NonFiniteLoss', 'The loss is NaN.', { where: 'step 3' }).toView();
    const fromActivity = readFailure(inActivity(toFailure(view)));
    expect(fromActivity).toEqual(view);
    expect(readFailure(inChild(toFailure(fromActivity)))).toEqual(view);
  });

  it('by silence means that the worker is gone', () => {
    const timeout = new TimeoutFailure('activity Heartbeat timeout', undefined, 'HEARTBEAT');
    expect(readFailure(inActivity(timeout)).code).toBe('WorkerShutdown');
  });

  it('by time means that the stage took too long', () => {
    const timeout = new TimeoutFailure('activity StartToClose timeout', undefined, 'START_TO_CLOSE');
    expect(readFailure(inActivity(timeout))).toMatchObject({
      code: 'StageFailed',
      hint: expect.stringContaining('timeouts.attemptSeconds'),
    });
  });

  it('that the SDK makes of a shutdown is a shutdown', () => {
    const shutdown = ApplicationFailure.create({
      type: 'WorkerShutdown',
      message: 'Worker is shutting down',
    });
    expect(readFailure(inActivity(shutdown)).code).toBe('WorkerShutdown');
  });

  it.each([new CancelledFailure('CANCELLED'), new TerminatedFailure('terminated')])(
    'that somebody wanted is a cancellation: %s',
    (failure) => {
      expect(readFailure(inChild(failure)).code).toBe('Cancelled');
    },
  );

  it.each([
    [ApplicationFailure.create({ type: 'TypeError', message: 'x is not a function' }), 'TypeError'],
    [new RangeError('out of range'), undefined],
  ])('of another kind is a defect: %s', (failure, actual) => {
    expect(readFailure(failure)).toMatchObject({ code: 'Internal', message: failure.message });
    expect(readFailure(failure).actual).toBe(actual);
  });
});
