// A Kaiwa deployment for tests, in each supported way.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Daemon, freePort } from './daemon';
import { required } from './environment';
import { Wire } from './wire';

/** The kind of deployment: SQLite, PostgreSQL, or nginx in front of the server. */
export type Deployment = 'sqlite' | 'postgres' | 'nginx';

/** A disposable database. */
interface Database {
  url: string;
  drop(): Promise<void>;
}

/** A running deployment. */
export class Site {
  private server!: Daemon;
  private proxy?: Daemon;
  private serverPort = 0;
  private wire?: Wire;

  private constructor(
    private readonly folder: string,
    private readonly database: Database,
    private settings: Record<string, string>,
  ) {}

  /** Its address. */
  origin = '';

  /** Its address without the wire that can be cut. */
  direct = '';

  /** Starts a deployment on an empty database. `settings` are variables of the server. */
  static async start(deployment: Deployment, settings: Record<string, string>): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'kaiwa-e2e-'));
    const database = deployment === 'postgres' ? postgres() : sqlite(folder);
    const site = new Site(folder, database, settings);
    try {
      await site.startServer();
      if (deployment === 'nginx') await site.startProxy();
      site.direct = site.origin;
      site.wire = await Wire.start(site.origin);
      site.origin = site.wire.origin;
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  /** The server's log. */
  get log(): string {
    return this.server.log;
  }

  /** The file of the database of a deployment on SQLite. */
  get databaseFile(): string {
    return join(this.folder, 'app.db');
  }

  /** Kills the server. */
  async crash(): Promise<void> {
    await this.server.stop();
  }

  /** Disconnects the browser. */
  cutWire(): void {
    this.wire?.cut();
  }

  /** Reconnects the browser. */
  mendWire(): void {
    this.wire?.mend();
  }

  /** Silences the browser's connections without breaking them. */
  silenceWire(): void {
    this.wire?.silence();
  }

  /** Restarts the server on the same port and data, with these settings changed. */
  async startServer(changed: Record<string, string> = {}): Promise<void> {
    this.settings = { ...this.settings, ...changed };
    this.server = Daemon.start({
      program: required('KAIWA_BIN'),
      cwd: this.folder,
      env: {
        HOST: '127.0.0.1',
        PORT: `${this.serverPort}`,
        DATA_DIR: join(this.folder, 'data'),
        DATABASE_URL: this.database.url,
        APP_MODE: 'multi',
        ...this.settings,
      },
    });
    const [, origin, port] = await this.server.hasSaid(/listening on (http:\/\/[\d.]+:(\d+))/);
    this.serverPort = Number(port);
    this.origin ||= origin;
  }

  /** Stops everything and removes its data. */
  async stop(): Promise<void> {
    await this.wire?.stop();
    await this.proxy?.stop();
    await this.server.stop();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async startProxy(): Promise<void> {
    const port = await freePort();
    this.proxy = Daemon.start({
      program: 'sh',
      args: [required('NGINX_START')],
      cwd: this.folder,
      // nginx has to stop its workers.
      signal: 'TERM',
      env: {
        NGINX_BIN: required('NGINX_BIN'),
        NGINX_TEMPLATE: required('NGINX_TEMPLATE'),
        KAIWA_ROOT: required('KAIWA_DIST'),
        KAIWA_NGINX_DIR: join(this.folder, 'nginx'),
        KAIWA_PORT: `${port}`,
        BACKEND_HOST: '127.0.0.1',
        BACKEND_INTERNAL_PORT: `${this.serverPort}`,
      },
    });
    this.origin = `http://127.0.0.1:${port}`;
    await this.proxy.answersAt(`${this.origin}/health`);
  }
}

function sqlite(folder: string): Database {
  return { url: `file:${join(folder, 'app.db')}`, drop: async () => {} };
}

function postgres(): Database {
  const schema = `e2e_${randomBytes(6).toString('hex')}`;
  const server = required('TEST_DATABASE_URL');
  const url = new URL(server);
  url.searchParams.set('schema', schema);
  const drop = async () => {
    // Without psql, the schema stays in the test database.
    await promisify(execFile)('psql', [server, '-qc', `DROP SCHEMA IF EXISTS ${schema} CASCADE`]).catch(() => {});
  };
  return { url: url.href, drop };
}
