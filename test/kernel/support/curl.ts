import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home, Place } from './home.ts';
import { run } from './run.ts';

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** As received, compressed or not. */
  readonly bytes: Buffer;
}

export interface RawRequest {
  readonly url: string;
  readonly token: string;
  readonly head?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request with curl from a place. */
export async function curl(place: Place, home: Home, { url, token, head = false, headers = {} }: RawRequest): Promise<RawAnswer> {
  const [bodyPath, headersPath] = ['body', 'headers'].map((name) => join(home.directory, `${name}-${randomUUID()}`)) as [string, string];
  const sent = Object.entries({ authorization: `Bearer ${token}`, ...headers }).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const options = [
    '--silent',
    '--show-error',
    '--globoff',
    ...(head ? ['--head'] : []),
    '--output',
    bodyPath,
    '--dump-header',
    headersPath,
  ];
  const [program, ...args] = [...place.prefix, 'curl', ...options, ...sent, url];
  try {
    await run(program, args);
    const [first = '', ...lines] = (await readFile(headersPath, 'latin1')).trimEnd().split('\r\n');
    const fields = lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
    return { status: Number(first.split(' ')[1]), headers: new Map(fields), bytes: head ? Buffer.alloc(0) : await readFile(bodyPath) };
  } finally {
    for (const path of [bodyPath, headersPath]) await rm(path, { force: true });
  }
}
