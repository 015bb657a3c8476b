import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const CHECKOUT = resolve(import.meta.dirname, '../..');
export const DEPLOY = join(CHECKOUT, 'deploy');
export const MANIFEST = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as Readonly<
  Record<'version' | 'description' | 'license', string>
>;

/** Time of all packaged files, in seconds: `SOURCE_DATE_EPOCH`, or the time of the last commit. */
export function sourceDate(): string {
  return process.env['SOURCE_DATE_EPOCH'] ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: CHECKOUT, encoding: 'utf8' }).trim();
}

/** A new directory that is removed when the process ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-package-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
