export interface ServerSentEvent {
  /** `message` when the server names none. */
  readonly name: string;
  readonly id?: string;
  readonly data: string;
}

/**
 * Cuts a byte stream into server-sent events, as in https://html.spec.whatwg.org/multipage/server-sent-events.html. Comments and
 * an event that the stream breaks off in are dropped.
 */
export async function* parseServerSentEvents(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be half of a line ending that goes on in the next chunk.
    const whole = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    const blocks = rest.slice(0, whole).replace(/\r\n?/g, '\n').split('\n\n');
    rest = (blocks.pop() ?? '') + rest.slice(whole);
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event) yield event;
    }
  }
}

function parseBlock(block: string): ServerSentEvent | undefined {
  const data: string[] = [];
  let name = 'message';
  let id: string | undefined;
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
    else if (field === 'id') id = value;
  }
  if (data.length === 0) return undefined;
  return { name, data: data.join('\n'), ...(id !== undefined && { id }) };
}
