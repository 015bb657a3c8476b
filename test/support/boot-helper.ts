import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';

export interface BootHelperOptions {
  /** The user that may connect; by default the user of this process. */
  readonly user?: string;
  /** Command in front of the helper's command line, for example strace. */
  readonly prefix?: readonly string[];
}

/** Acts like systemd for a socket with Accept=yes: one helper per connection, which is its standard input. */
export class BootHelper {
  readonly path: string;
  readonly running = new Set<ChildProcess>();
  /** Standard error of the helpers. */
  complaints = '';
  private readonly server: Server;

  private constructor(server: Server, path: string) {
    this.server = server;
    this.path = path;
  }

  /** @param directory for the socket and the lock; the files are below `root` */
  static async listen(
    directory: string,
    root: string,
    { user = userInfo().username, prefix = [] }: BootHelperOptions = {},
  ): Promise<BootHelper> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    const helper = new BootHelper(server, join(directory, 'boot.sock'));
    const options = ['--user', user, '--lock', join(directory, 'lock'), '--root', root];
    const command = [...prefix, process.execPath, resolve('src/service/boot-helper.ts'), ...options];
    server.on('connection', (socket) => {
      helper.start(command, socket);
    });
    await once(server.listen(helper.path), 'listening');
    // The socket unit restricts who can connect. Here only the helper checks.
    await chmod(helper.path, 0o666);
    return helper;
  }

  async close(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    this.server.close();
    await once(this.server, 'close');
  }

  private start([program = '', ...args]: readonly string[], socket: Socket): void {
    const child = spawn(program, args, { stdio: [socket, 'ignore', 'pipe'] });
    this.running.add(child);
    child.stderr.on('data', (chunk: Buffer) => (this.complaints += chunk.toString()));
    child.once('close', () => this.running.delete(child));
    socket.destroy();
  }
}
