// The network between the browser and a deployment, which a test can take away.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Passes bytes on to a port until it is cut. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  /** The browser's ends, each with the server's. */
  private readonly pairs = new Map<Socket, Socket>();
  private isCut = false;

  private constructor(private readonly server: Server) {}

  /** The address to use instead of `target`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  static async start(target: string): Promise<Wire> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = new Wire(server);
    server.on('connection', (near) => wire.join(near, connect(Number(new URL(target).port), '127.0.0.1')));
    return wire;
  }

  /** Breaks every connection and makes no new one. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connects again. */
  mend(): void {
    this.isCut = false;
  }

  /** Lets no answer through any more on the connections that are open, and breaks none of them; one on which the
   * browser asks for something else is reset. New ones work. */
  silence(): void {
    for (const [near, far] of this.pairs) {
      far.unpipe(near);
      far.pause();
      near.unpipe(far);
      // Taking a pipe away pauses what it came from.
      near.on('data', () => near.destroy()).resume();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket, far: Socket): void {
    this.pairs.set(near, far);
    near.on('close', () => this.pairs.delete(near));
    for (const [socket, other] of [[near, far], [far, near]]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    if (this.isCut) near.destroy();
  }
}
