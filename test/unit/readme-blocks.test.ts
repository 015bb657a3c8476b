import { expect, it } from 'vitest';
import { bashBlocks, runBlocks } from '../support/readme-blocks.ts';

const MARKDOWN =
  '# T\n\n## A walk\n\n```bash\na=1\n```\n\n```json\n{}\n```\n\n```bash\necho "found $a"\n```\n\n## Limits\n\n```bash\nfalse\n```\n';
const walk = { cwd: process.cwd(), env: process.env };

it('takes the bash blocks of the named section only', () => {
  expect(bashBlocks(MARKDOWN, 'A walk')).toEqual(['a=1\n', 'echo "found $a"\n']);
});

it('refuses a document without the section, so that a renamed heading is not a walk that passes', () => {
  expect(() => bashBlocks(MARKDOWN, 'A stroll')).toThrow('Expected a section "## A stroll"');
});

it('runs the blocks as one session', async () => {
  const { exitCode, transcript } = await runBlocks(bashBlocks(MARKDOWN, 'A walk'), walk);
  expect(transcript).toContain('found 1');
  expect(exitCode).toBe(0);
});

it('stops at the first command that fails, in a pipe too', async () => {
  const { exitCode, transcript } = await runBlocks(['false | true', 'echo went on'], walk);
  expect(exitCode).toBe(1);
  expect(transcript).not.toMatch(/^went on$/m);
});

it('ends what the blocks left running in the background', async () => {
  const { transcript } = await runBlocks(['sleep 300 &', 'echo "pid $!"'], walk);
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
