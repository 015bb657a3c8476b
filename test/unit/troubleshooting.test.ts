import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const page = await readFile(join(ROOT, 'docs/troubleshooting.md'), 'utf8');

/** The text of all messages in the sources, with `…` for each value. */
async function messages(): Promise<string> {
  const files = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(ROOT, 'src', name), 'utf8')));
  return texts.join('\n').replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…');
}

it('quotes messages as the service prints them', async () => {
  const quoted = [...page.matchAll(/^```text\n(.*?)\n```$/gms)].map(([, message = '']) => message);
  expect(quoted.length).toBeGreaterThan(9);
  const known = await messages();
  expect(quoted.filter((message) => !known.includes(message.replace(/…$/, '')))).toEqual([]);
});

it('names error codes with their status', async () => {
  const rows = [...(await readFile(join(ROOT, 'docs/errors.md'), 'utf8')).matchAll(/^\| `([A-Z_]+)` +\| (\d{3})/gm)];
  const known = new Set(rows.map(([, code = '', status = '']) => `${status} ${code}`));
  const named = [...page.matchAll(/\b([45]\d\d) `?([A-Z]{2,}(?:_[A-Z]+)+)/g)].map(([, status = '', code = '']) => `${status} ${code}`);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((error) => !known.has(error))).toEqual([]);
});

it.each([
  'The table is empty',
  '421 HOST_NOT_ALLOWED, or 403 in a browser',
  'The token is lost',
  '503 JOURNAL_UNAVAILABLE',
  'npm prints EBADENGINE',
  'The port is in use',
  'Not running as root',
  '503 RESOURCES_EXHAUSTED',
  'The event stream ends',
  'I set it and nothing happens',
])('has cause, fix and a command for: %s', (heading) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  expect(section).toContain('**Cause');
  expect(section).toMatch(/\*\*Fix|\*\*Cause and fix/);
  expect(section).toMatch(/^```(sh|bash)$|`node --version`/m);
});
