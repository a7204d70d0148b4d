// The network between the browser and a deployment, which a test can cut.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards bytes to a port until it is cut. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  /** The browser's sockets with the server's. */
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

  /** Breaks every connection and refuses new ones. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Accepts connections again. */
  mend(): void {
    this.isCut = false;
  }

  /** Stops forwarding responses on open connections without breaking them; one on which the
   * browser sends another request is reset. New connections work. */
  silence(): void {
    for (const [near, far] of this.pairs) {
      far.unpipe(near);
      far.pause();
      near.unpipe(far);
      // Removing a pipe pauses its source.
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
