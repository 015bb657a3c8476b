/**
 * Builds the image twice and runs it with the options of the README, of the compose file and of the Kubernetes manifests. Each run creates a
 * token, applies a change, rolls it back and restarts the container.
 *
 *     node test/container/container.ts
 *
 * The steps run in a separate process tree with its own mount and PID namespace, so that no process outlives it. The guardian process of the
 * kernel tests restores the kernel's settings afterwards, even if this process is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordHost } from '../kernel/support/host-record.ts';
import { requireTools } from './support/tools.ts';

const GUARDIAN = join(import.meta.dirname, '..', 'kernel', 'support', 'guardian.ts');
const WALK = join(import.meta.dirname, 'walk.ts');
const ENCLOSED = ['--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'];

await requireTools();
const scratch = await mkdtemp(join(tmpdir(), 'ct-test-'));
await writeFile(join(scratch, 'host.json'), JSON.stringify(await recordHost()));
const guardian = spawn(process.execPath, [GUARDIAN, scratch], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
const walk = spawn('unshare', [...ENCLOSED, process.execPath, WALK, scratch], { stdio: ['ignore', 'inherit', 'inherit'] });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => walk.kill('SIGKILL'));
const failed = (await codeOf(walk)) !== 0;
guardian.stdin.end();
process.exitCode = (await codeOf(guardian)) !== 0 || failed ? 1 : 0;

async function codeOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
}
