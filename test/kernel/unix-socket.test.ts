import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

let home: Home;
let service: Service;
let directory: string;

beforeAll(async () => {
  home = await Home.create();
  directory = await mkdtemp(join(tmpdir(), 'conntrack-api-peers-'));
  await chmod(directory, 0o755);
  const rules = 'root=all,daemon=table:read,:games=changes:read,:60=entries:read';
  service = await Service.start(host, home, await home.createToken(), 0, [
    '--socket',
    join(directory, 'api.sock'),
    '--socket-peers',
    rules,
  ]);
});

afterAll(async () => {
  await service.stop();
  await home.remove();
  await rm(directory, { recursive: true });
});

/** The identity that the service assigns to the caller. @param user options of setpriv(1) that select the user */
async function whoIs(...user: readonly string[]): Promise<unknown> {
  const ask = ['curl', '--silent', '--show-error', '--unix-socket', join(directory, 'api.sock'), 'http://localhost/api/v1/whoami'];
  return JSON.parse(await run('setpriv', [...user, ...ask])) as unknown;
}

describe('the unix socket of a service that is root', () => {
  it('grants root all scopes without a token', async () => {
    expect(await whoIs('--reuid=root')).toMatchObject({ id: 'uid-0', name: 'root', subject: 'uid 0' });
  });

  it('grants a user the scopes configured for its name', async () => {
    expect(await whoIs('--reuid=daemon', '--regid=daemon', '--clear-groups')).toMatchObject({ name: 'daemon', scopes: ['table:read'] });
  });

  it('grants members of a group, primary or supplementary, the scopes of all their entries', async () => {
    expect(await whoIs('--reuid=nobody', '--regid=games', '--clear-groups')).toMatchObject({
      name: 'uid 65534',
      scopes: expect.arrayContaining(['entries:read', 'changes:read']) as unknown,
    });
    expect(await whoIs('--reuid=daemon', '--regid=daemon', '--groups=games')).toMatchObject({
      scopes: expect.arrayContaining(['table:read', 'entries:read', 'changes:read']) as unknown,
    });
  });

  it('grants nothing to everyone else, including root’s group', async () => {
    expect(await whoIs('--reuid=nobody', '--regid=root', '--clear-groups')).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
