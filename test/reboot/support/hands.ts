import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ShellAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

type Reply = { readonly id: number; readonly failure?: string } & Partial<ShellAnswer & ApiAnswer>;

const ANSWER_MILLISECONDS = 400_000;
const RETRY_MILLISECONDS = 200;

/** What the agent in the machine does for the test. One connection outlives reboots of the machine, requests do not. */
export class Hands {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private last = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      this.take(line);
    });
  }

  static async open(path: string): Promise<Hands> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Hands(socket);
  }

  /** The boot id of the machine once its agent answers, and it is not the given one. */
  async untilThere(deadline: number, not = ''): Promise<string> {
    while (Date.now() < deadline) {
      const answer = await this.request({ shell: 'cat /proc/sys/kernel/random/boot_id' }, 5_000).catch(() => undefined);
      const bootId = answer?.stdout?.trim() ?? '';
      if (bootId !== '' && bootId !== not) return bootId;
      await sleep(RETRY_MILLISECONDS);
    }
    throw new Error('The agent in the machine does not answer.');
  }

  /** As root of the machine. */
  async shell(script: string): Promise<ShellAnswer> {
    return (await this.request({ shell: script }, ANSWER_MILLISECONDS)) as unknown as ShellAnswer;
  }

  /** As `shell`. @throws Error where it fails */
  async must(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.shell(script);
    if (code !== 0) throw new Error(`In the machine, ${script}: ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Asks the service in the machine. @throws Error where it does not answer at all */
  async api(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return (await this.request(
      { api: { method, path, ...(body === undefined ? {} : { body }) } },
      ANSWER_MILLISECONDS,
    )) as unknown as ApiAnswer;
  }

  close(): void {
    this.socket.destroy();
  }

  private async request(what: object, patience: number): Promise<Reply> {
    const id = ++this.last;
    const reply = new Promise<Reply>((resolve, reject) => {
      const tooLate = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(`The machine does not answer ${JSON.stringify(what)} within ${patience / 1_000} s.`));
      }, patience);
      this.waiting.set(id, (found) => {
        clearTimeout(tooLate);
        resolve(found);
      });
    });
    this.socket.write(`${JSON.stringify({ id, ...what })}\n`);
    const found = await reply;
    if (found.failure !== undefined) throw new Error(`In the machine, ${JSON.stringify(what)}: ${found.failure}`);
    return found;
  }

  /** What was half sent when the machine went down is no line of JSON. */
  private take(line: string): void {
    let reply: Reply;
    try {
      reply = JSON.parse(line) as Reply;
    } catch {
      return;
    }
    this.waiting.get(reply.id)?.(reply);
    this.waiting.delete(reply.id);
  }
}
