import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ERRORS, type RunView } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followRun } from '../progress/follow-run.js';
import { ApiClient } from './api-client.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let answer: Answer;
let requests: IncomingMessage[];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const run = { project: 'default', runId: 'run-1' };
const at = '2026-01-01T00:00:00.000Z';

function view(status: RunView['status']): RunView {
  const train: RunView['stages'][string] = { kind: 'train', pool: 'default', needs: [], state: 'running' };
  return { ...run, pipeline: 'x', status, submittedAt: at, stages: { train } };
}

function json(response: ServerResponse, document: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}

function frame(sequence: number, step: number): string {
  const progress = { phase: 'train', step, total: 9, stepsPerSecond: 1, etaSeconds: 1, metrics: {} };
  const event = { type: 'progress', ...run, stage: 'train', at, progress };
  return `id: ${sequence}\ndata: ${JSON.stringify({ sequence, event })}\n\n`;
}

const client = (): ApiClient => new ApiClient({ url, token: 'the-token' });
const never = new AbortController().signal;

describe('the client of the API', () => {
  it('sends the token, and reads what the contract says', async () => {
    answer = (_request, response) => json(response, view('running'));
    expect(await client().view(run)).toEqual(view('running'));
    expect(requests[0]?.headers.authorization).toBe('Bearer the-token');
    expect(requests[0]?.url).toBe('/api/v1/runs/default/run-1');
  });

  it('gives on the problem that the API describes, with its request when it is the API’s fault', async () => {
    const problem = {
      type: 'urn:vitrine:error:Internal',
      title: 'It broke.',
      status: 500,
      requestId: 'r-1',
      code: 'Internal',
      message: 'It broke.',
      where: 'there',
      hint: ERRORS.Internal.hint,
    };
    answer = (_request, response) => json(response, problem, 500);
    await expect(client().view(run)).rejects.toMatchObject({
      code: 'Internal',
      message: 'It broke.',
      details: { where: 'there (request r-1)' },
    });
  });

  it('says so when something else than the API answers', async () => {
    answer = (_request, response) => response.writeHead(502).end('<html>');
    await expect(client().view(run)).rejects.toMatchObject({
      code: 'ApiUnavailable',
      details: { actual: 'HTTP 502 Bad Gateway' },
    });
  });

  it('says so when the API is of another version', async () => {
    answer = (_request, response) => json(response, { ...view('running'), surprise: 1 });
    await expect(client().view(run)).rejects.toMatchObject({ code: 'Internal' });
  });

  it('says where it found nobody', async () => {
    server.close();
    await once(server, 'close');
    await expect(client().view(run)).rejects.toMatchObject({
      code: 'ApiUnavailable',
      details: { where: url, actual: 'ECONNREFUSED' },
    });
  });

  it('submits once more, with the same key, when the answer was lost', async () => {
    answer = (_request, response) => {
      if (requests.length === 1) response.destroy();
      else json(response, run, 201);
    };
    const spec = { version: 1, name: 'x' } as never;
    expect(await client().submit(spec, 'key-1')).toEqual(run);
    expect(requests.map((request) => request.headers['idempotency-key'])).toEqual(['key-1', 'key-1']);
  });

  it('follows events over lost connections, each once, until the end', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (requests.length === 1) {
        response.write(frame(1, 1) + frame(2, 2) + 'id: 3\ndata: torn', () => response.destroy());
      } else if (requests.length === 2) response.end();
      else response.end(`${frame(3, 3)}event: end\ndata: {}\n\n`);
    };
    const sequences: number[] = [];
    for await (const { sequence } of client().events(run, 0, never)) sequences.push(sequence);
    expect(sequences).toEqual([1, 2, 3]);
    expect(requests.map((request) => request.headers['last-event-id'])).toEqual(['0', '2', '2']);
  });

  it('stops following a run that does not exist', async () => {
    answer = (_request, response) =>
      json(
        response,
        { type: 't', title: 't', status: 404, requestId: 'r', code: 'NotFound', message: 'm', hint: 'h' },
        404,
      );
    await expect(client().events(run, 0, never).next()).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('asks nobody when its own stack does not run, whoever listens where that would', async () => {
    const absent = new ApiClient({ url, token: undefined, absentFrom: '/somewhere/.vitrine' });
    await expect(absent.list({})).rejects.toMatchObject({
      code: 'ApiUnavailable',
      details: { where: '/somewhere/.vitrine' },
    });
  });
});

describe('following a run', () => {
  it('shows events at once, outlasts an absence of the API, and ends with the last view', async () => {
    let views = 0;
    answer = (request, response) => {
      if (request.url?.endsWith('/events')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(frame(1, 4));
        return;
      }
      views += 1;
      if (views > 1 && views < 7) response.destroy();
      else json(response, view(views === 1 ? 'running' : 'succeeded'));
    };
    const shown: (number | string)[] = [];
    const notices: string[] = [];
    const closed = await followRun(client(), run, {
      show: (board) => shown.push(board.stages['train']?.progress?.step ?? board.status),
      notice: (text) => notices.push(text),
      signal: never,
      every: 50,
    });
    expect(closed?.status).toBe('succeeded');
    expect(shown).toEqual(['running', 4, 'succeeded']);
    expect(notices).toEqual(['waiting for the API: The API cannot be reached.']);
  });

  it('ends without a result when it is told to', async () => {
    answer = (request, response) => {
      if (request.url?.endsWith('/events')) response.writeHead(200).write(': hello\n\n');
      else json(response, view('running'));
    };
    const stop = new AbortController();
    const followed = followRun(client(), run, {
      show: () => stop.abort(),
      notice: () => undefined,
      signal: stop.signal,
    });
    expect(await followed).toBeUndefined();
  });

  it('does not begin for a run that does not exist', async () => {
    answer = (_request, response) => response.writeHead(404).end();
    const follower = { show: () => undefined, notice: () => undefined, signal: never };
    await expect(followRun(client(), run, follower)).rejects.toMatchObject({ code: 'ApiUnavailable' });
  });
});
