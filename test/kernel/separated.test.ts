import { chown, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MARK } from '../../src/boot-files/own-file.ts';
import type { CapabilitiesDto } from '../../src/http/host/capabilities.dto.ts';
import type { ChangeAnswer } from './support/answers.ts';
import { host } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { SeparatedHome, USER } from './support/separated.ts';
import { Service } from './support/service.ts';

const SYSCTL = 'sysctl.d/99-zz-conntrack-api.conf';
/** Writes its argument to the socket, and prints the response. */
const ASK = `const s = net.connect({ path: process.argv[1], allowHalfOpen: true }); s.on('error', (e) => console.log(e.code)); s.end(process.argv[2]); s.pipe(process.stdout);`;
const REQUEST = JSON.stringify({ ask: 'apply', changes: [{ path: `/etc/${SYSCTL}`, before: null, after: `${MARK}\n` }] });

let home: SeparatedHome;
let service: Service;
let before: { readonly max: number; readonly buckets: number };

beforeAll(async () => {
  home = await SeparatedHome.create();
  service = await Service.start(host, home, home.token, 0, home.flags);
});

afterAll(async () => {
  await service.stop();
  await home.remove();
});

const live = async (): Promise<typeof before> => ({ max: await host.readSysctl('max'), buckets: await host.readSysctl('buckets') });

/** The text of this service's boot file in the home; null if there is none. */
const ownFile = (name: string): Promise<string | null> => readFile(join(home.etc, name), 'utf8').catch(() => null);

async function capabilities(): Promise<CapabilitiesDto> {
  return (await service.request<CapabilitiesDto>('GET', '/capabilities')).body;
}

/** Sends REQUEST to the helper as another user. */
function requestAs(user: string): Promise<string> {
  return run('unshare', [
    ...[
      '--mount',
      'sh',
      '-c',
      'mount --bind "$1" /media && mount --bind "$2" /mnt && shift 2 && exec "$@"',
      'sh',
      home.directory,
      process.cwd(),
    ],
    ...[
      'setpriv',
      `--reuid=${user}`,
      '--regid=nogroup',
      '--clear-groups',
      '/mnt/node_modules/.bin/node',
      '-e',
      ASK,
      '/media/boot.sock',
      REQUEST,
    ],
  ]);
}

describe('a service that is an ordinary user with CAP_NET_ADMIN alone, beside the boot helper', () => {
  beforeEach(async () => {
    before = await live();
  });

  afterEach(async () => {
    await host.writeSysctl('buckets', before.buckets);
    await host.writeSysctl('max', before.max);
  });

  it('has exactly that user and capability, and reports it', async () => {
    const status = await readFile(`/proc/${await home.pid()}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(status).toMatch(/^CapEff:\t0000000000001000$/m);
    expect(status).toMatch(/^CapBnd:\t0000000000001000$/m);
    const { privileges, capabilities: found } = await capabilities();
    expect(privileges).toBe('separated');
    for (const name of ['persist', 'settings.write', 'buckets.write', 'entries', 'entries.delete', 'events'])
      expect(found.find((capability) => capability.name === name)).toMatchObject({ available: true });
  });

  it('changes max and buckets, persists them through the helper, and rolls both back', async () => {
    const settings = { max: before.max === 131_072 ? 196_608 : 131_072, buckets: before.buckets === 32_768 ? 49_152 : 32_768 };
    const done = await service.request<ChangeAnswer>('PATCH', '/settings', { body: { settings, persist: true } });
    expect(done).toMatchObject({ status: 200, body: { outcome: 'applied' } });
    expect(await live()).toEqual(settings);
    expect(await ownFile(SYSCTL)).toContain(`nf_conntrack_max = ${settings.max}\n`);
    expect(await stat(join(home.etc, SYSCTL))).toMatchObject({ uid: 0, gid: 0, mode: 0o100_644 });

    const back = await service.request<ChangeAnswer>('POST', `/changes/${done.body.id}/rollback`, { body: {} });
    expect(back).toMatchObject({ status: 200, body: { outcome: 'applied' } });
    expect(await live()).toEqual(before);
    expect(await ownFile(SYSCTL)).toBeNull();
  });

  it('refuses to persist over a file of another user, before changing anything', async () => {
    const path = join(home.etc, SYSCTL);
    await writeFile(path, `${MARK}\n`);
    await chown(path, 12_345, 12_345);
    try {
      const refused = await service.request('PATCH', '/settings', { body: { settings: { max: before.max + 1 }, persist: true } });
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'BOOT_FILE_NOT_MANAGED', detail: expect.stringContaining('12345') as string },
      });
      expect(await live()).toEqual(before);
      expect(await requestAs(USER)).toContain('BOOT_FILE_CHANGED');
      expect(await readFile(path, 'utf8')).toBe(`${MARK}\n`);
    } finally {
      await rm(path);
    }
  });

  it('cannot persist, reports why, and changes nothing if the helper serves another user', async () => {
    const other = await SeparatedHome.create({ user: 'games' });
    const stranger = await Service.start(host, other, other.token, 0, other.flags);
    try {
      const refused = await stranger.request('PATCH', '/settings', { body: { settings: { max: before.max + 1 }, persist: true } });
      expect(refused).toMatchObject({
        body: { code: 'BOOT_FILE_NOT_WRITABLE', detail: expect.stringContaining('only root and games') as string },
      });
      expect(await live()).toEqual(before);
      expect((await stranger.request('GET', '/capabilities')).text).toContain('only root and games');
    } finally {
      await stranger.stop();
      await other.remove();
    }
  });
});

describe('the boot helper, as root', () => {
  it('writes for no other user, and reports the requester', async () => {
    expect(await requestAs('games')).toContain('only root and nobody');
    expect(home.helper.complaints).toMatch(/\(process \d+ of user 5\)/);
    expect(await ownFile(SYSCTL)).toBeNull();
  });
});
