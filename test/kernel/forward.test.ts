import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environment, Home, MAIN } from './support/home.ts';
import { makeEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

const CHANGES = 20;
/** The record of their deletion is far longer than what rsyslog keeps by default. */
const ENTRIES = 900;

let namespace: NetworkNamespace;
let home: Home;
let service: Service;
/** The host's /var/log and /var/lib, and the working directories of both rsyslogd. */
let work: string;
let page: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  namespace = await NetworkNamespace.create('forward');
  await makeEntries(namespace, ENTRIES);
  home = await Home.create();
  service = await Service.start(namespace, home, await home.createToken());
  work = join(home.directory, 'forward');
  for (const name of ['log', 'host', 'collector', 'collected', 'bin']) await mkdir(join(work, name), { recursive: true });
  await writeFile(join(work, 'bin/conntrack-api'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(join(work, 'bin/conntrack-api'), 0o700);
  page = await readFile('docs/how-to/forward-the-record.md', 'utf8');
});

afterAll(async () => {
  for (const child of running) await stop(child, 'SIGKILL');
  await service.stop();
  await namespace.delete();
  await home.remove();
});

/** The block of the guide with the directories, host name and addresses of this test. */
function block(language: string, index = 0): string {
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))][index]?.[1];
  if (found === undefined) throw new Error(`Expected block ${String(index)} in ${language} in the guide.`);
  return found
    .replaceAll('/var/log/conntrack-api-hosts', join(work, 'collected'))
    .replaceAll('/var/log/conntrack-api', join(work, 'log'))
    .replaceAll('/var/lib/conntrack-api', work)
    .replaceAll('collector.example', '127.0.0.1')
    .replaceAll('resumeInterval="5"', 'resumeInterval="1"');
}

function start(...command: readonly string[]): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...namespace.prefix, ...command], {
    env: { ...environment, PATH: `${work}/bin:${process.env['PATH'] ?? ''}`, CONNTRACK_API_DATA_DIR: home.dataDir },
    stdio: 'ignore',
  });
  running.add(child);
  return child;
}

async function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** The command of the unit. */
function follow(): ChildProcess {
  const command = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(block('ini'))?.[1] ?? '';
  return start('sh', '-c', command);
}

async function rsyslogd(side: 'host' | 'collector'): Promise<ChildProcess> {
  const file = join(work, `${side}.conf`);
  await writeFile(file, `global(workDirectory="${join(work, side)}")\n${block('rsyslog', side === 'host' ? 0 : 1)}`);
  await namespace.run('rsyslogd', ['-N1', '-f', file]);
  return start('rsyslogd', '-n', '-i', 'NONE', '-f', file);
}

async function deleteEntries(): Promise<void> {
  const filter = 'protocol=tcp,udp';
  const { body } = await service.request<{ matchedCount: number }>('POST', '/entries/delete', { body: { filter, dryRun: true } });
  const request = { filter, expectedCount: body.matchedCount };
  expect(await service.request('POST', '/entries/delete', { body: request })).toMatchObject({ status: 200 });
}

async function collected(): Promise<string> {
  const [name] = await readdir(join(work, 'collected'));
  return name === undefined ? '' : join(work, 'collected', name);
}

/** Runs the command of the guide that verifies what the collector has. */
async function verified(): Promise<string> {
  const command = /^awk .*$/m.exec(page)?.[0] ?? '';
  const here = command.replace('/var/log/conntrack-api-hosts/gateway.ndjson', await collected());
  return run('sh', ['-c', here.replace('verify-export.py', 'docs/verify-export.py')]);
}

it('the collector gets every record unaltered, across kills of the command, rotation, restarts of rsyslog and an outage of the collector', async () => {
  let follower = follow();
  let host = await rsyslogd('host');
  let collector = await rsyslogd('collector');
  const steps: Readonly<Record<number, () => Promise<unknown>>> = {
    1: deleteEntries,
    3: () => stop(follower, 'SIGKILL'),
    5: () => Promise.resolve((follower = follow())),
    7: async () => {
      await stop(follower, 'SIGKILL');
      follower = follow();
    },
    9: () => stop(host, 'SIGTERM'),
    11: async () => (host = await rsyslogd('host')),
    13: () => stop(collector, 'SIGKILL'),
    15: async () => (collector = await rsyslogd('collector')),
    17: async () => {
      await rename(join(work, 'log/record.ndjson'), join(work, 'log/record.ndjson.1'));
      await stop(follower, 'SIGTERM');
      follower = follow();
    },
  };
  for (let change = 1; change <= CHANGES; change += 1) {
    await steps[change]?.();
    const body = { settings: { udp_timeout: 40 + change } };
    expect(await service.request('PATCH', '/settings', { body })).toMatchObject({ status: 200 });
  }
  const printed = (await home.commandLine('journal', 'export')).trimEnd().split('\n');
  expect(printed.length).toBeGreaterThan(2 * CHANGES);
  expect(Math.max(...printed.map((line) => line.length))).toBeGreaterThan(100_000);
  const missing = async (): Promise<string[]> => {
    const file = await collected();
    const lines = new Set(file === '' ? [] : (await readFile(file, 'utf8')).split('\n'));
    return printed.filter((line) => !lines.has(line));
  };
  const deadline = performance.now() + 20_000;
  while ((await missing()).length > 0 && performance.now() < deadline) await sleep(200);
  expect(await missing()).toEqual([]);
  expect(await verified()).toContain(`${String(printed.length)} records, unbroken`);
});
