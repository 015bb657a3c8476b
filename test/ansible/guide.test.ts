import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangesAnswer } from '../kernel/support/answers.ts';
import { environment, Home } from '../kernel/support/home.ts';
import { host } from '../kernel/support/network-namespace.ts';
import { run as execute } from '../kernel/support/run.ts';
import { Service } from '../kernel/support/service.ts';
import { bashBlocks, runBlocks } from '../support/readme-blocks.ts';

const INITIAL = { buckets: 16_384, max: 65_536 };
const REQUESTED = { buckets: 32_768, max: 131_072 };

let home: Home;
let service: Service;
let page: string;
let directory: string;
let env: NodeJS.ProcessEnv;
let before: typeof INITIAL;

beforeAll(async () => {
  before = await live();
  home = await Home.create();
  const token = await home.createToken('table:read,settings:write,settings:persist,changes:read');
  service = await Service.start(host, home, token);
  page = await readFile('docs/how-to/ansible.md', 'utf8');
  directory = join(home.directory, 'conntrack');
  await mkdir(directory);
  await execute('cp', ['-r', 'deploy/ansible/roles', directory]);
  await writeFile(join(directory, 'inventory.yml'), yaml(0));
  await writeFile(join(directory, 'playbook.yml'), yaml(1));
  await writeFile(join(directory, 'conntrack-api.token'), `${token}\n`, { mode: 0o600 });
  // What a guide cannot know: the port, and that the managed host is this machine.
  const variables = { conntrack_api_url: service.url, ansible_connection: 'local', ansible_python_interpreter: 'python3' };
  await writeFile(join(directory, 'variables.json'), JSON.stringify(variables));
  env = {
    ...environment,
    HOME: directory,
    LC_ALL: 'C.UTF-8',
    ANSIBLE_NOCOLOR: '1',
    OPTIONS: '-e @variables.json',
    API: `${service.url}/api/v1`,
    AUTH: `Authorization: Bearer ${token}`,
  };
  await set(INITIAL);
});

afterAll(async () => {
  await service.stop();
  await set(before);
  await home.remove();
});

function yaml(index: number): string {
  return [...page.matchAll(/^```yaml\n(.*?)^```$/gms)][index]?.[1] ?? '';
}

async function live(): Promise<typeof INITIAL> {
  return { buckets: await host.readSysctl('buckets'), max: await host.readSysctl('max') };
}

async function set({ buckets, max }: typeof INITIAL): Promise<void> {
  await host.writeSysctl('buckets', buckets);
  await host.writeSysctl('max', max);
}

/** Runs the commands under a heading as printed. */
async function run(heading: string): Promise<string> {
  const { exitCode, transcript } = await runBlocks(bashBlocks(page, heading), { cwd: directory, env });
  expect(exitCode, transcript).toBe(0);
  return transcript;
}

async function changes(): Promise<ChangesAnswer['items']> {
  return (await service.request<ChangesAnswer>('GET', '/changes')).body.items;
}

it('runs the playbook and the commands of docs/how-to/ansible.md as printed: check mode, two runs, rollback', async () => {
  await execute('ansible-playbook', ['--syntax-check', '-i', join(directory, 'inventory.yml'), join(directory, 'playbook.yml')]);
  expect(await run('3. See what would change')).toContain('"max: 65536 -> 131072"');
  expect(await live()).toEqual(INITIAL);

  expect(await run('4. Apply')).toMatch(/ changed=1 [^]* changed=0 /);
  expect(await live()).toEqual(REQUESTED);
  expect((await changes()).filter(({ kind }) => kind === 'change')).toHaveLength(1);
  const file = join(home.etc, 'sysctl.d/99-zz-conntrack-api.conf');
  expect(await readFile(file, 'utf8')).toContain('net.netfilter.nf_conntrack_max = 131072\n');

  await run('5. Roll back');
  expect(await live()).toEqual(INITIAL);
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});
