import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import { asXml } from './support/conntrack-xml.ts';
import { Home } from './support/home.ts';
import { makeEntries, makeRareEntries } from './support/made-entries.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

/** The remaining seconds of an entry in each format, which change between dumps. */
const TIMEOUT = { extended: /^(\S+ +\d+ \S+ +\d+) (\d+)/, xml: /(<timeout>)(\d+)/ } as const;
type Form = keyof typeof TIMEOUT;
/** Kernels before 6.17 hold a reference to the entry at the position of a reader. */
const REFERENCES = / use=\d+|<use>\d+<\/use>/;
/** conntrack's XML uses TCP state names for SCTP, and prints DCCP ports that the kernel does not send. */
const WRONG_IN_XML = /protonum="(?:132|33)"/;

let namespace: NetworkNamespace;
let home: Home;
let service: Service;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('dumps');
  home = await Home.create();
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT);
  await namespace.writeSysctl('acct', 1);
  await makeEntries(namespace, 4_000);
  await makeRareEntries(namespace);
  await namespace.talk();
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});

async function streamed(accept: string): Promise<string[]> {
  const { status, text } = await service.request('GET', '/entries', { accept });
  expect(status).toBe(200);
  return text.trimEnd().split('\n');
}

async function listed(form: Form): Promise<string[]> {
  const printed = await namespace.run('conntrack', ['-L', '-o', form]);
  return printed.split('\n').filter((line) => line.includes('src') && !WRONG_IN_XML.test(line));
}

/** The remaining seconds, by the text of the entry without them. */
function timeouts(form: Form, lines: readonly string[]): Map<string, number> {
  return new Map(
    lines.map((line) => {
      const [found = '', before = '', seconds] = TIMEOUT[form].exec(line) ?? [];
      return [line.replace(found, before).replace(REFERENCES, ''), Number(seconds)];
    }),
  );
}

/** Checks that the service's entries equal those that conntrack shows before and after, in all fields. */
async function compare(form: Form, ours: () => Promise<readonly string[]>): Promise<void> {
  const before = timeouts(form, await listed(form));
  const lines = await ours();
  const after = timeouts(form, await listed(form));
  expect(before.size).toBeGreaterThan(5_000);
  expect(lines).toHaveLength(before.size);
  const shown = timeouts(form, lines);
  expect([...shown.keys()].sort()).toEqual([...before.keys()].sort());
  const late = [...shown].filter(([line, seconds]) => !(seconds <= (before.get(line) ?? 0) && seconds >= (after.get(line) ?? Infinity)));
  expect(late).toEqual([]);
}

describe('the whole table', () => {
  it('as text/plain equals the output of conntrack -L -o extended, as a set of lines', async () => {
    let last = '';
    await compare('extended', async () => {
      const lines = await streamed('text/plain');
      last = lines.pop() ?? '';
      return lines;
    });
    expect(last).toMatch(/^# complete entries=\d+ .*source=ctnetlink/);
  });

  it('as NDJSON equals the output of conntrack -L -o xml, field by field, including the kernel’s ids', async () => {
    await compare('xml', async () => {
      const lines = (await streamed('application/x-ndjson')).slice(0, -1);
      return lines.map((line) => asXml(JSON.parse(line) as Entry)).filter((line) => !WRONG_IN_XML.test(line));
    });
  });

  it('as CSV has the same entries', async () => {
    const ids = (await streamed('application/x-ndjson')).slice(0, -1).map((line) => (JSON.parse(line) as Entry).id);
    const rows = (await streamed('text/csv')).slice(1, -1).map((row) => row.split(',')[0]);
    expect(rows.sort()).toEqual(ids.sort());
  });
});
