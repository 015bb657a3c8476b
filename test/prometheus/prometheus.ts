import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEPLOY } from '../support/metric-names.ts';
import { freePort, Running } from './programs.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A Prometheus on loopback with the configuration of the guide, except for addresses, files and intervals. */
export class Prometheus {
  readonly running: Running;
  private readonly url: string;

  private constructor(running: Running, url: string) {
    this.running = running;
    this.url = url;
  }

  static async start(scratch: string, target: string, credentialsFile: string): Promise<Prometheus> {
    const config = join(scratch, 'prometheus.yml');
    await writeFile(config, configuration(target, credentialsFile));
    const address = `127.0.0.1:${String(await freePort())}`;
    const running = new Running(
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(scratch, 'tsdb')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    );
    const prometheus = new Prometheus(running, `http://${address}`);
    await running.until('Prometheus is ready', async () => {
      const response = await fetch(`${prometheus.url}/-/ready`).catch(() => undefined);
      return response?.ok === true ? true : undefined;
    });
    return prometheus;
  }

  /** @throws Error if Prometheus refuses the query */
  async query(expr: string): Promise<readonly Series[]> {
    return (await this.get<{ readonly result: readonly Series[] }>(`query?query=${encodeURIComponent(expr)}`)).result;
  }

  /** Waits until the query returns a series, and returns the first value that satisfies `isWanted`. */
  async untilValue(expr: string, isWanted: (value: number) => boolean = () => true): Promise<number> {
    return this.running.until(`a value of ${expr}`, async () => {
      const value = (await this.query(expr))[0]?.value[1];
      return value !== undefined && isWanted(Number(value)) ? Number(value) : undefined;
    });
  }

  async get<T>(path: string): Promise<T> {
    const body = (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${body.error ?? body.status}`);
    return body.data;
  }
}

const GUIDE = await readFile(join(DEPLOY, '../docs/how-to/prometheus.md'), 'utf8');

/** The configurations of Prometheus in the guide. The first is the one for the same host. */
export const guideConfigurations: readonly string[] = [...GUIDE.matchAll(/^```yaml\n(.*?)^```$/gms)]
  .map(([, block = '']) => block)
  .filter((block) => 'scrape_configs' in (parse(block) as object));

/** The first configuration of the guide, for this test. @throws Error if it lacks an expected value */
export function configuration(target: string, credentialsFile: string): string {
  let text = guideConfigurations[0] ?? '';
  const replace = (from: string, to: string): void => {
    if (!text.includes(from)) throw new Error(`Expected ${from} in the configuration:\n${text}`);
    text = text.replaceAll(from, to);
  };
  replace('interval: 15s', 'interval: 1s');
  replace('- alerts.yml', `- ${join(DEPLOY, 'prometheus/alerts.yml')}`);
  replace('/etc/prometheus/conntrack-api.token', credentialsFile);
  replace('127.0.0.1:8477', target);
  return text;
}
