import { VitrineError } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { connectToTemporal, waitFor } from './connect.js';

const away = new VitrineError('TemporalUnavailable', 'Temporal does not answer.', { where: 'here' });

function options(signal: AbortSignal = new AbortController().signal) {
  const warnings: string[] = [];
  const sleep = () => Promise.resolve();
  return { warnings, warn: (message: string) => warnings.push(message), sleep, signal };
}

describe('a worker that starts', () => {
  it('waits for a service that is not there yet, and says so once', async () => {
    const around = options();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return tries < 5 ? Promise.reject(away) : Promise.resolve('there');
    };
    expect(await waitFor(attempt, around)).toBe('there');
    expect(around.warnings).toEqual([expect.stringContaining('Temporal does not answer.')]);
  });

  it('does not wait where that does not help', async () => {
    const wrong = new VitrineError('InvalidConfig', 'The keys are wrong.');
    await expect(waitFor(() => Promise.reject(wrong), options())).rejects.toBe(wrong);
  });

  it('stops waiting when it is to stop', async () => {
    const controller = new AbortController();
    const around = options(controller.signal);
    const reason = new Error('stopped');
    const attempt = () => {
      controller.abort(reason);
      return Promise.reject(away);
    };
    await expect(waitFor(attempt, around)).rejects.toBe(reason);
  });

  it('names the address at which no Temporal answers', async () => {
    await expect(connectToTemporal('127.0.0.1:1')).rejects.toMatchObject({
      code: 'TemporalUnavailable',
      details: { where: 'TEMPORAL_ADDRESS, 127.0.0.1:1' },
    });
  });
});
