import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEPLOY } from '../support/metric-names.ts';
import { freePort, Running } from './programs.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A Prometheus of its own on loopback, with the example's configuration but for addresses, files and intervals. */
export class Prometheus {
  readonly running: Running;
  private readonly url: string;

  private constructor(running: Running, url: string) {
    this.running = running;
    this.url = url;
  }

  static async start(scratch: string, target: string, credentialsFile: string): Promise<Prometheus> {
    const config = join(scratch, 'prometheus.yml');
    await writeFile(config, await configuration(target, credentialsFile));
    const address = `127.0.0.1:${String(await freePort())}`;
    const running = new Running(
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(scratch, 'tsdb')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    );
    const prometheus = new Prometheus(running, `http://${address}`);
    await running.until('it is ready', async () => {
      const answer = await fetch(`${prometheus.url}/-/ready`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
    return prometheus;
  }

  /** @throws Error where the query is refused */
  async query(expr: string): Promise<readonly Series[]> {
    return (await this.get<{ readonly result: readonly Series[] }>(`query?query=${encodeURIComponent(expr)}`)).result;
  }

  /** The first series' value as soon as the query gives one that is as wanted. */
  async untilValue(expr: string, isWanted: (value: number) => boolean = () => true): Promise<number> {
    return this.running.until(`a value of ${expr}`, async () => {
      const value = (await this.query(expr))[0]?.value[1];
      return value !== undefined && isWanted(Number(value)) ? Number(value) : undefined;
    });
  }

  async get<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${answer.error ?? answer.status}`);
    return answer.data;
  }
}

/** @throws Error where the example is not as it is expected to be */
export async function configuration(target: string, credentialsFile: string): Promise<string> {
  let text = await readFile(join(DEPLOY, 'prometheus/prometheus.yml'), 'utf8');
  const put = (from: string, to: string): void => {
    if (!text.includes(from)) throw new Error(`Expected ${from} in the example configuration.`);
    text = text.replaceAll(from, to);
  };
  put('interval: 15s', 'interval: 1s');
  put('- alerts.yml', `- ${join(DEPLOY, 'prometheus/alerts.yml')}`);
  put('/etc/prometheus/conntrack-api.token', credentialsFile);
  put('127.0.0.1:8477', target);
  return text;
}
