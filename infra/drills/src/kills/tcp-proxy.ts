import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `pass`: as if it were not there. `hole`: nothing gets through, and nobody is told. `refuse`: nobody gets a connection. */
export type ProxyMode = 'pass' | 'hole' | 'refuse';

/** Stands between a client and a server, and is the network that fails. */
export class TcpProxy {
  private mode: ProxyMode = 'pass';
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly server: Server,
    private readonly target: () => { readonly host: string; readonly port: number },
  ) {}

  static async start(target: () => { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer((client) => proxy.accept(client));
    const proxy = new TcpProxy(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get address(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return `127.0.0.1:${address.port}`;
  }

  set(mode: ProxyMode): void {
    this.mode = mode;
    for (const pair of [...this.pairs]) {
      if (mode === 'refuse') pair.client.destroy();
      else if (mode === 'pass') this.join(pair);
      else for (const socket of [pair.client, pair.server]) socket?.unpipe().pause();
    }
  }

  async close(): Promise<void> {
    for (const { client } of this.pairs) client.destroy();
    await once(this.server.close(), 'close');
  }

  private accept(client: Socket): void {
    if (this.mode === 'refuse') {
      client.destroy();
      return;
    }
    const pair: Pair = { client };
    this.pairs.add(pair);
    this.endWith(pair, client);
    if (this.mode === 'pass') this.join(pair);
    else client.pause();
  }

  /** What was held back gets through late, as it does when a network heals. */
  private join(pair: Pair): void {
    const { client } = pair;
    if (pair.server === undefined) {
      pair.server = connect(this.target());
      this.endWith(pair, pair.server);
    }
    client.pipe(pair.server);
    pair.server.pipe(client);
  }

  private endWith(pair: Pair, socket: Socket): void {
    const end = (): void => {
      pair.client.destroy();
      pair.server?.destroy();
      this.pairs.delete(pair);
    };
    socket.on('error', end).on('close', end);
  }
}

interface Pair {
  readonly client: Socket;
  /** Undefined while nothing gets through. */
  server?: Socket;
}
