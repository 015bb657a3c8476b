/**
 * Writes the generated documents and the generated parts of documents (npm run docs); with --check it only compares them
 * (npm run docs:check). The sources are imported directly: no build is needed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from './docs/documents.ts';
import { updated } from './docs/generated-document.ts';

const isCheck = process.argv.includes('--check');
for (const document of DOCUMENTS) {
  const path = join(import.meta.dirname, '..', document.file);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const text = await updated(document, current);
  if (text === current) continue;
  if (isCheck) {
    console.error(`${document.file} does not match ${document.source}: run npm run docs and commit the result.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`${document.file}: updated`);
  }
}
