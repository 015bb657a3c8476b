import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';

const PROCESS = join(import.meta.dirname, 'thread-limit-process.ts');
/** The kernel does not apply the limit to root. */
const UNPRIVILEGED = 61_234;

let tree: KernelTree;
let child: ChildProcessWithoutNullStreams;
let lines: AsyncIterator<string>;

beforeEach(async () => {
  tree = await copyKernelTree('nf_conntrack');
  execFileSync('chmod', ['-R', 'a+rX', tree.root]);
  const user = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROCESS, tree.root], user);
  lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('ready');
});

afterEach(async () => {
  child.stdin.end();
  await tree.remove();
});

async function ask(request: string): Promise<unknown> {
  child.stdin.write(`${request}\n`);
  const { value } = (await lines.next()) as { value?: string };
  return value === undefined ? 'the process has ended' : JSON.parse(value);
}

describe('a limit on threads', () => {
  it.each(['count', 'setns', 'events'])('refuses with the reason and recovers without a restart: %s', async (request) => {
    await ask('limit');
    const refused = {
      code: 'RESOURCES_EXHAUSTED',
      errno: 'EAGAIN',
      message: expect.stringContaining('limit on processes and threads') as string,
    };
    expect(await ask(request)).toEqual(refused);
    expect(await ask(request)).toEqual(refused);
    expect(await ask('running')).toEqual({ result: 0 });
    await ask('lift-limit');
    expect(await ask(request)).toEqual({ result: expect.anything() as unknown });
    expect(await ask('running')).toEqual({ result: 0 });
  });
});
