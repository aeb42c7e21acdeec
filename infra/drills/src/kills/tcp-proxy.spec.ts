import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
beforeAll(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as { port: number };
  proxy = await TcpProxy.start(() => ({ host: '127.0.0.1', port }));
});
afterAll(async () => {
  await proxy.close();
  echo.close();
});

async function dial(): Promise<Socket> {
  const [host = '', port = ''] = proxy.address.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const answer = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

describe('a network that can be broken', () => {
  it('passes everything on by itself', async () => {
    const socket = await dial();
    socket.write('one');
    expect(await answer(socket)).toBe('one');
    socket.destroy();
  });

  it('lets nothing through while it is a hole, on old connections and on new ones, and all of it afterwards', async () => {
    const [before] = [await dial()];
    before.write('first');
    await answer(before);
    proxy.set('hole');
    const during = await dial();
    const heard: string[] = [];
    for (const socket of [before, during]) {
      socket.on('data', (data) => heard.push(String(data)));
      socket.write('late');
    }
    // Another connection of the same kind goes through the event loop meanwhile: what could get through would have.
    await dial().then((socket) => socket.destroy());
    expect(heard).toEqual([]);
    const both = Promise.all([once(before, 'data'), once(during, 'data')]);
    proxy.set('pass');
    await both;
    expect(heard).toEqual(['late', 'late']);
    before.destroy();
    during.destroy();
  });

  it('ends connections when it refuses, and takes no new ones', async () => {
    const socket = await dial();
    const closed = once(socket, 'close');
    proxy.set('refuse');
    await closed;
    const [next] = [await dial()];
    await once(next, 'close');
    proxy.set('pass');
  });
});
