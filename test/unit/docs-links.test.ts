import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...(await readdir(join(ROOT, 'docs'), { recursive: true })).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

/** Targets of relative links, with their anchors. */
function linksIn(text: string): readonly { readonly file: string; readonly heading?: string }[] {
  return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, file = '', heading]) => ({
    file,
    ...(heading !== undefined && { heading }),
  }));
}

/** Heading anchors as GitHub generates them. */
function headingsIn(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

describe.each(documents)('%s', (document) => {
  it('links only to existing files and headings', async () => {
    const text = await readFile(join(ROOT, document), 'utf8');
    const broken: string[] = [];
    for (const { file, heading } of linksIn(text)) {
      const path = file === '' ? join(ROOT, document) : join(ROOT, dirname(document), file);
      if (!existsSync(path)) broken.push(file);
      else if (heading !== undefined && !headingsIn(await readFile(path, 'utf8')).includes(heading)) broken.push(`${file}#${heading}`);
    }
    expect(broken).toEqual([]);
  });
});

it('docs/README.md lists every page and guide', async () => {
  const listed = new Set(linksIn(await readFile(join(ROOT, 'docs/README.md'), 'utf8')).map(({ file }) => `docs/${file}`));
  const pages = documents.filter((name) => name.startsWith('docs/') && !name.startsWith('docs/decisions/') && name !== 'docs/README.md');
  expect(pages.filter((name) => !listed.has(name))).toEqual([]);
});

it('README.md has at most 10 KB, and no table wider than 140 columns', async () => {
  const text = await readFile(join(ROOT, 'README.md'), 'utf8');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_240);
  expect(text.split('\n').filter((line) => line.startsWith('|') && line.length > 140)).toEqual([]);
});

it('docs/security.md links its claims to more than a dozen tests', async () => {
  const tests = new Set(
    linksIn(await readFile(join(ROOT, 'docs/security.md'), 'utf8'))
      .filter(({ file }) => file.includes('/test/'))
      .map(({ file }) => file),
  );
  expect(tests.size).toBeGreaterThan(12);
});
