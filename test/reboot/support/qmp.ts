import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

interface Answer {
  readonly return?: { readonly status?: string };
  readonly error?: { readonly desc: string };
}

/** A client of QEMU's monitor (QMP). */
export class Monitor {
  private readonly socket: Socket;
  private readonly answers: AsyncIterator<string, undefined>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async open(path: string): Promise<Monitor> {
    const socket = connect(path);
    await once(socket, 'connect');
    const monitor = new Monitor(socket);
    await monitor.command('qmp_capabilities');
    return monitor;
  }

  /** @throws Error with the message of QEMU */
  async command(execute: string, args: object = {}): Promise<Answer['return']> {
    this.socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    for (;;) {
      const next = await this.answers.next();
      if (next.done === true) throw new Error(`QEMU ended before it responded to ${execute}.`);
      const answer = JSON.parse(next.value) as Answer;
      if (answer.error) throw new Error(`QEMU refuses ${execute}: ${answer.error.desc}`);
      if (answer.return) return answer.return;
    }
  }

  /** Stops the machine and writes its state, without disks, to a file. */
  async suspendTo(path: string): Promise<void> {
    await this.command('stop');
    await this.command('migrate', { uri: `exec:cat > ${path}` });
    for (;;) {
      const status = (await this.command('query-migrate'))?.status;
      if (status === 'completed') return;
      if (status === 'failed' || status === 'cancelled') throw new Error(`QEMU could not write ${path}: ${status}`);
      await sleep(100);
    }
  }

  /** Resumes a machine that was started from such a file. */
  async resume(): Promise<void> {
    while ((await this.command('query-status'))?.status === 'inmigrate') await sleep(100);
    await this.command('cont');
  }

  close(): void {
    this.socket.destroy();
  }
}
