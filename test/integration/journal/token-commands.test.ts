import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

interface Printed {
  readonly id: string;
  readonly expiresAt: string | null;
}

/** Runs `conntrack-api token …` in a new process, with a new data directory for each call of this function. */
function commandLine(): (...args: readonly string[]) => Promise<{ readonly stdout: string; readonly stderr: string }> {
  const dataDir = temporaryDirectory();
  return (...args) => promisify(execFile)(process.execPath, [MAIN, 'token', ...args, '--data-dir', dataDir]);
}

const CREATE = ['create', '--name', 'admin', '--scope', 'all', '--json'] as const;

describe('the token commands', () => {
  it('require --long-lived for a lifetime of more than a year or without end', async () => {
    const token = commandLine();
    for (const expires of ['never', '367d']) {
      await expect(token(...CREATE, '--expires', expires)).rejects.toMatchObject({
        stderr: expect.stringMatching(/INVALID_REQUEST: .*--long-lived/) as string,
      });
    }
    const { stdout } = await token(...CREATE, '--expires', 'never', '--long-lived');
    expect((JSON.parse(stdout) as Printed).expiresAt).toBeNull();
  });

  it('rotate a token with an overlap and print when the old token expires', async () => {
    const token = commandLine();
    const old = JSON.parse((await token(...CREATE)).stdout) as Printed;
    await expect(token('rotate', old.id, '--overlap', '8d')).rejects.toMatchObject({
      stderr: expect.stringContaining('up to 7d') as string,
    });
    const { stdout, stderr } = await token('rotate', old.id, '--overlap', '2h', '--json');
    expect((JSON.parse(stdout) as Printed).id).not.toBe(old.id);
    const until = Date.parse(/stays valid until (\S+)\.$/m.exec(stderr)?.[1] ?? '');
    expect(Math.round((until - Date.now()) / 60_000)).toBe(120);
  });

  it('revoke the last token that can create tokens, with a warning', async () => {
    const token = commandLine();
    const { id } = JSON.parse((await token(...CREATE)).stdout) as Printed;
    const { stdout, stderr } = await token('revoke', id);
    expect(stdout).toBe(`Revoked token ${id}.\n`);
    expect(stderr).toContain('Create one with conntrack-api token create');
    expect((await token('list')).stdout).toMatch(/^[0-9a-f]{12} +admin +revoked \S+ +never +table:read/m);
  });
});
