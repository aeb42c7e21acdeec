import { describe, expect, it } from 'vitest';
import { parseServerSentEvents, type ServerSentEvent } from './server-sent-events.js';

async function parse(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const found: ServerSentEvent[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  for await (const event of parseServerSentEvents(source())) found.push(event);
  return found;
}

const STREAM =
  ': hello\n\nid: 1\ndata: {"a":"ä😀"}\n\n: beat\n\nid: 2\r\ndata: one\r\ndata:two\r\n\r\nevent: end\ndata\n\nid: 3\ndata: torn';

const EVENTS = [
  { name: 'message', id: '1', data: '{"a":"ä😀"}' },
  { name: 'message', id: '2', data: 'one\ntwo' },
  { name: 'end', data: '' },
];

describe('a stream of server-sent events', () => {
  it('is cut into its events; comments and an event that breaks off are dropped', async () => {
    expect(await parse([Buffer.from(STREAM)])).toEqual(EVENTS);
  });

  it('may be cut anywhere, even within a character or a line ending', async () => {
    const bytes = Buffer.from(STREAM);
    for (let at = 1; at < bytes.length; at += 1) {
      expect(await parse([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(EVENTS);
    }
    expect(await parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
  });
});
