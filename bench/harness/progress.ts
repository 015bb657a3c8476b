import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from '../../test/kernel/support/run.ts';
import type { Row } from './workload.ts';

type Rows = Record<string, readonly Row[]>;

/** The rows of a run, so that one which was interrupted continues. Those of another commit or with other options are not used. */
export class Progress {
  private readonly path: string;
  private readonly conditions: string;
  private readonly done: Rows;

  private constructor(path: string, conditions: string, done: Rows) {
    this.path = path;
    this.conditions = conditions;
    this.done = done;
  }

  /** @param options what the rows depend on, besides the commit */
  static async open(name: string, options: string): Promise<Progress> {
    const directory = resolve('.bench');
    mkdirSync(directory, { recursive: true });
    const conditions = `${(await run('git', ['rev-parse', 'HEAD'])).trim()}, ${options}`;
    const path = join(directory, `${name}.json`);
    const stored = readStored(path);
    return new Progress(path, conditions, stored?.conditions === conditions ? stored.done : {});
  }

  has(name: string): boolean {
    return this.done[name] !== undefined;
  }

  /** Rows with a failure are measured again. */
  async rows(name: string, measure: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    const earlier = this.done[name];
    if (earlier !== undefined) return earlier;
    const rows = await measure();
    if (rows.every((row) => 'value' in row)) {
      this.done[name] = rows;
      writeFileSync(this.path, JSON.stringify({ conditions: this.conditions, done: this.done }));
    }
    return rows;
  }

  end(): void {
    rmSync(this.path, { force: true });
  }
}

function readStored(path: string): { readonly conditions: string; readonly done: Rows } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { readonly conditions: string; readonly done: Rows };
  } catch {
    return undefined;
  }
}
