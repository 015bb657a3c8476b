import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { HelpersView } from '../../src/application/table/read-helpers.ts';
import { startService, type Service } from './service.ts';

let service: Service;
afterEach(() => service.close());

const read = async (): Promise<HelpersView> => (await service.as('get', '/api/v1/helpers').expect(200)).body as HelpersView;

it('helpers of a kernel without ctnetlink have their modules and expectations, and the reason why entries are not counted', async () => {
  service = await startService('nf_conntrack');
  await service.tree.write('/sys/module/nf_conntrack_ftp/parameters/ports', '21,2121\n');
  await service.tree.write('/sys/module/nf_conntrack_ftp/initstate', 'live\n');
  await service.tree.write('/sys/module/nf_conntrack_tftp/parameters/ports', '69\n');
  const { items, unavailable } = await read();
  expect(items).toEqual([
    { name: 'ftp', module: 'nf_conntrack_ftp', builtIn: false, protocols: [{ protocol: 'tcp', ports: [21, 2_121] }], expectations: 2 },
    { name: 'pptp', protocols: [], expectations: 1 },
    { name: 'rpc', protocols: [], expectations: 1 },
    { name: 'sip', protocols: [], expectations: 1 },
    { name: 'tftp', module: 'nf_conntrack_tftp', builtIn: true, protocols: [{ protocol: 'udp', ports: [69] }], expectations: 0 },
  ]);
  expect(unavailable.map(({ field, code }) => [field, code])).toEqual([
    ['items[].module', 'NOT_LISTED'],
    ['items[].entries', 'ABSENT'],
    ['rules', 'NOT_READ'],
  ]);
});

it('helpers without readable expectations have no count, and helpers in user space are named as unknown', async () => {
  service = await startService('nf_conntrack');
  await rm(join(service.tree.root, '/proc/net/nf_conntrack_expect'));
  await service.tree.write('/sys/module/nf_conntrack_pptp/initstate', 'live\n');
  await service.tree.write('/sys/module/nfnetlink_cthelper/initstate', 'live\n');
  const { items, unavailable } = await read();
  expect(items).toEqual([{ name: 'pptp', module: 'nf_conntrack_pptp', builtIn: false, protocols: [{ protocol: 'tcp', ports: [1_723] }] }]);
  expect(unavailable.map(({ field }) => field)).toEqual(['items[].module', 'items[].entries', 'items[].expectations', 'rules']);
  expect(unavailable[0]?.detail).toContain('nfnetlink_cthelper is loaded');
});

it('helpers of a legacy kernel have their modules only', async () => {
  service = await startService('ip_conntrack');
  await service.tree.write('/sys/module/ip_conntrack_irc/parameters/ports', '6667\n');
  const { items, unavailable } = await read();
  expect(items).toEqual([{ name: 'irc', module: 'ip_conntrack_irc', builtIn: true, protocols: [{ protocol: 'tcp', ports: [6_667] }] }]);
  expect(unavailable.map(({ field }) => field)).toEqual(['items[].module', 'items[].entries', 'items[].expectations', 'rules']);
});
