import { expect, it } from 'vitest';
import { bashBlocks, runBlocks } from '../support/readme-blocks.ts';

const MARKDOWN =
  '# T\n\n## Tutorial\n\n```bash\na=1\n```\n\n```json\n{}\n```\n\n```bash\necho "found $a"\n```\n\n## Limitations\n\n```bash\nfalse\n```\n';
const context = { cwd: process.cwd(), env: process.env };

it('returns the bash blocks of the named section only', () => {
  expect(bashBlocks(MARKDOWN, 'Tutorial')).toEqual(['a=1\n', 'echo "found $a"\n']);
});

it('throws when the section is missing, so that a renamed heading cannot pass with no commands', () => {
  expect(() => bashBlocks(MARKDOWN, 'Tutorials')).toThrow('Expected a section "## Tutorials"');
});

it('runs the blocks as one session', async () => {
  const { exitCode, transcript } = await runBlocks(bashBlocks(MARKDOWN, 'Tutorial'), context);
  expect(transcript).toContain('found 1');
  expect(exitCode).toBe(0);
});

it('stops at the first failing command, also in a pipe', async () => {
  const { exitCode, transcript } = await runBlocks(['false | true', 'echo went on'], context);
  expect(exitCode).toBe(1);
  expect(transcript).not.toMatch(/^went on$/m);
});

it('kills processes that the blocks left in the background', async () => {
  const { transcript } = await runBlocks(['sleep 300 &', 'echo "pid $!"'], context);
  const pid = Number(/^pid (\d+)$/m.exec(transcript)?.[1]);
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
