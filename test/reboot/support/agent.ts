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

/** On an idle host, a response takes a hundredth of this. */
const ANSWER_MILLISECONDS = 400_000;
const GREETING_MILLISECONDS = 5_000;
const RETRY_MILLISECONDS = 200;

/** The client of the agent in the machine. The connection outlives reboots of the machine; requests do not. */
export class Agent {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, (answer: ShellAnswer) => void>();
  private last = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      this.onLine(line);
    });
  }

  static async open(path: string): Promise<Agent> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Agent(socket);
  }

  /** Waits until the agent responds with a boot id other than `not`, and returns it. */
  async untilThere(deadline: number, not = ''): Promise<string> {
    while (Date.now() < deadline) {
      const answer = await this.request('cat /proc/sys/kernel/random/boot_id', GREETING_MILLISECONDS).catch(() => undefined);
      const bootId = answer?.stdout.trim() ?? '';
      if (bootId !== '' && bootId !== not) return bootId;
      await sleep(RETRY_MILLISECONDS);
    }
    throw new Error('The agent in the machine does not respond.');
  }

  /** Runs a bash script as root in the machine. */
  shell(script: string): Promise<ShellAnswer> {
    return this.request(script, ANSWER_MILLISECONDS);
  }

  /** Starts a script without waiting for its result: the machine may end first. */
  begin(script: string): void {
    this.send(++this.last, script);
  }

  /** Like `shell`. @throws Error if the script fails */
  async must(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.shell(script);
    if (code !== 0) throw new Error(`In the machine, ${script}: ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Sends a request to the service over the loopback of the machine. @throws Error if there is no response */
  async api(method: string, path: string, body?: object): Promise<ApiAnswer> {
    const sent = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    const type = body === undefined ? '' : `Content-Type: application/json\\r\\nContent-Length: ${sent.length}\\r\\n`;
    const head = `${method} ${path} HTTP/1.0\\r\\nHost: 127.0.0.1:8477\\r\\nAuthorization: Bearer %s\\r\\n${type}\\r\\n`;
    const answer = await this.must(`
      exec 3<>/dev/tcp/127.0.0.1/8477 || exit
      printf '${head}' "$(cat /root/token)" >&3
      base64 -d <<<'${sent.toString('base64')}' >&3
      cat <&3`);
    const [, status, text] = /^HTTP\/1\.\d (\d+) .*?\r\n\r\n(.*)$/s.exec(answer) ?? [];
    if (status === undefined) throw new Error(`The service in the machine closes the connection without a response to ${method} ${path}.`);
    return { status: Number(status), body: text ?? '' };
  }

  close(): void {
    this.socket.destroy();
  }

  private request(script: string, timeout: number): Promise<ShellAnswer> {
    const id = ++this.last;
    const answer = new Promise<ShellAnswer>((resolve, reject) => {
      const tooLate = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(`The machine does not respond within ${timeout / 1_000} s: ${script}`));
      }, timeout);
      this.waiting.set(id, (found) => {
        clearTimeout(tooLate);
        resolve(found);
      });
    });
    this.send(id, script);
    return answer;
  }

  private send(id: number, script: string): void {
    this.socket.write(`${id} ${Buffer.from(script).toString('base64')}\n`);
  }

  /** Ignores a line that was incomplete when the machine went down. */
  private onLine(line: string): void {
    const [, id, code, stdout = '', stderr = ''] = /^(\d+) (\d+) (\S*) (\S*)$/.exec(line) ?? [];
    if (id === undefined) return;
    this.waiting.get(Number(id))?.({ code: Number(code), stdout: decoded(stdout), stderr: decoded(stderr) });
    this.waiting.delete(Number(id));
  }
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
