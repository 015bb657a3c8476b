import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import { serviceRuns } from '../../../src/domain/boot/parse/boot-services.ts';
import { temporaryRoot } from './temporary-root.ts';

const UNITS = '/usr/lib/systemd/system';
const SYSTEMD = {
  [`${UNITS}/sysinit.target`]: '[Unit]\n',
  [`${UNITS}/systemd-sysctl.service`]: '[Service]\nExecStart=/usr/lib/systemd/systemd-sysctl\n',
  [`${UNITS}/systemd-modules-load.service`]: '[Service]\nExecStart=/usr/lib/systemd/systemd-modules-load\n',
};
const SYSCTL_LINK = `${UNITS}/sysinit.target.wants/systemd-sysctl.service`;

async function kindsOf(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const root = await temporaryRoot(files);
  for (const [path, target] of Object.entries(links)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(target, join(root, path));
  }
  const { modulesLoad, sysctl } = serviceRuns(await new HostBootSources(root).read('nf_conntrack'));
  return [modulesLoad.kind, sysctl.kind];
}

const WANTED = {
  [SYSCTL_LINK]: '../systemd-sysctl.service',
  [`${UNITS}/sysinit.target.wants/systemd-modules-load.service`]: '../systemd-modules-load.service',
};

it.each([
  ['as shipped', {}, {}, ['runs', 'runs']],
  ['masked', {}, { '/etc/systemd/system/systemd-sysctl.service': '/dev/null' }, ['runs', 'off']],
  ['masked until the next boot only', {}, { '/run/systemd/system/systemd-sysctl.service': '/dev/null' }, ['runs', 'runs']],
  [
    'with its link in sysinit.target.wants masked',
    {},
    { '/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service': '/dev/null' },
    ['runs', 'off'],
  ],
  [
    'with a drop-in of systemctl edit',
    { '/etc/systemd/system/systemd-sysctl.service.d/override.conf': '[Service]\nExecStart=\n' },
    {},
    ['runs', 'off'],
  ],
  ['with a copy in /etc', { '/etc/systemd/system/systemd-modules-load.service': '[Service]\nExecStart=/bin/true\n' }, {}, ['off', 'runs']],
])('finds the services %s', async (_, files, links, expected) => {
  expect(await kindsOf({ ...SYSTEMD, ...files }, { ...WANTED, ...links })).toEqual(expected);
});

it('finds that nothing starts a service whose link was removed', async () => {
  expect(await kindsOf(SYSTEMD, { [SYSCTL_LINK]: '../systemd-sysctl.service' })).toEqual(['off', 'runs']);
});

it('assumes that services run on a host without units of systemd', async () => {
  expect(await kindsOf({}, {})).toEqual(['runs', 'runs']);
});
