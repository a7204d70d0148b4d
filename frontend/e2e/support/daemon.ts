// Programs that run during the tests and stop with them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

// Stops the program when its standard input closes, which happens however the test process ends.
const GUARD = `
signal=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ cat <&3; kill -s "$signal" $child; } >/dev/null 2>&1 &
exec 3<&-
wait $child
`;

/** How to start a program. */
export interface Command {
  program: string;
  args?: string[];
  env: Record<string, string>;
  cwd: string;
  /** The signal that stops it; SIGKILL by default. */
  signal?: 'KILL' | 'TERM';
}

/** A running program. */
export class Daemon {
  private said = '';
  private exited = false;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    const listen = (chunk: Buffer) => {
      this.said = (this.said + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('exit', () => {
      this.exited = true;
      child.stdin?.end();
    });
  }

  /** Starts a program with only the environment of `command`. Its output can be waited for. */
  static start({ program, args = [], env, cwd, signal = 'KILL' }: Command): Daemon {
    const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env };
    const child = spawn('sh', ['-c', GUARD, 'sh', signal, program, ...args], { cwd, env: environment });
    return new Daemon(program, child);
  }

  /** The program's output, to show when a test fails. */
  get log(): string {
    return this.said;
  }

  /** Waits until the output contains a text. */
  async hasSaid(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until(() => pattern.exec(this.said), `${pattern}`);
  }

  /** Waits until the program responds at an address. */
  async answersAt(url: string): Promise<void> {
    await this.until(async () => {
      const response = await fetch(url).catch(() => null);
      return response?.ok;
    }, url);
  }

  /** Stops the program and waits for its exit. */
  async stop(): Promise<void> {
    if (!this.exited) {
      this.child.stdin?.end();
      await once(this.child, 'exit');
    }
  }

  private async until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
    const deadline = Date.now() + 20_000;
    while (!this.exited && Date.now() < deadline) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${this.name} did not come to ${what}:\n${this.said}`);
  }
}

/** A free port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
