import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { SpawnedService } from './spawned-service.ts';
import { startService, type Service } from './service.ts';

const MAIN = 'dist/main.js';
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'conntrack-api-first-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function run(...words: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, CONNTRACK_API_DATA_DIR: join(directory, 'data') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}

describe('the command line', () => {
  it.each([
    ['an unknown command', ['serv'], "unknown command 'serv'\n(Did you mean serve?)"],
    ['an unknown command of a group', ['token', 'lst'], "unknown command 'lst'\n(Did you mean list?)"],
    ['an unknown option, without a command', ['--prot', '80'], "unknown option '--prot'\n(Did you mean --port?)"],
    ['a missing option', ['token', 'create', '--name', 'x'], "required option '--scope <scopes>' not specified"],
    ['a refused value', ['serve', '--port', 'http'], 'Expected a port from 0 to 65535.'],
  ])('reports %s with exit code 2', (_, words, message) => {
    const { code, stdout, stderr } = run(...words);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it('reports what the service refuses with exit code 3, and other failures with 1', () => {
    expect(run('token', 'create', '--name', 'x', '--scope', 'all', '--expires', '3y')).toMatchObject({ code: 3 });
    expect(run('serve', '--tls-cert', join(directory, 'none.pem'), '--tls-key', join(directory, 'none.pem'))).toMatchObject({ code: 1 });
  });

  it('prints its version and help with exit code 0', () => {
    expect(run('--version')).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    expect(run('--help')).toMatchObject({ code: 0, stderr: '' });
    expect(run('token', 'create', '--help').stdout).toMatch(/\(default:\s+1y\)/);
  });

  it('aligns the list of tokens below a header', () => {
    run('token', 'create', '--name', 'a-rather-long-name', '--scope', 'table:read');
    run('token', 'create', '--name', 'x', '--scope', 'all', '--expires', '1d');
    const [header = '', ...rows] = run('token', 'list').stdout.trimEnd().split('\n');
    expect(header.split(/ {2,}/)).toEqual(['ID', 'NAME', 'STATE', 'LAST USED', 'SCOPES']);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.slice(header.indexOf('STATE'))).toMatch(/^valid until \S+ +never +table:read/);
  });

  it('names the remedy if the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    const { code, stderr } = run('demo', '--port', port, '--log-level', 'silent');
    server.close();
    expect(stderr).toContain(`Cannot listen on 127.0.0.1 port ${port}: another process uses the port`);
    expect(stderr).toContain('--port');
    expect(code).toBe(1);
  });
});

describe('the greeting', () => {
  it('lists the page first, and shows no command that contains the token', async () => {
    const spawned = await SpawnedService.prepare();
    spawned.start('--first-token');
    const secret = await spawned.untilSaid(/admin token +(\S+)/);
    await spawned.untilSaid(/example +.+\n +(curl .+)/);
    await spawned.remove();
    const addresses = spawned.lines.flatMap((line) => /^ {2}(\w+) .*http:\/\//.exec(line)?.[1] ?? []);
    expect(addresses.slice(0, 2)).toEqual(['page', 'API']);
    expect(spawned.lines.filter((line) => line.includes(secret))).toHaveLength(1);
  });

  it.each([
    ['JSON in a pipe', [], /^\{"level":30,.*"msg":"Server listening at .*\}$/m],
    ['text on request', ['--log-format', 'text'], /^\d\d:\d\d:\d\d INFO {2}Server listening at http:\S+$/m],
  ])('is accompanied by a log that is %s', async (_, flags, line) => {
    const spawned = await SpawnedService.prepare();
    spawned.start('--first-token', ...flags);
    await spawned.untilSaid(line);
    await spawned.remove();
  });
});

describe('a response', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it.each(['/api/v1/table', '/api/v1/nothing', '/healthz', '/readyz', '/openapi.json'])('of %s ends with a line end', async (path) => {
    const { text, headers } = await service.as('get', path);
    expect(text.endsWith('}\n')).toBe(true);
    expect(text.slice(0, -1)).not.toContain('\n\n');
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text));
  });
});
