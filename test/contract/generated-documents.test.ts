import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DOCUMENTS } from '../../scripts/docs/documents.ts';
import { updated } from '../../scripts/docs/generated-document.ts';

it.each(DOCUMENTS)('$file matches its source (npm run docs)', async (document) => {
  const current = readFileSync(join(import.meta.dirname, '../..', document.file), 'utf8');
  expect(await updated(document, current)).toBe(current);
});
