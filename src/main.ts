#!/usr/bin/env node
import { keepYoungGenerationSmall } from './kernel/memory/young-generation.ts';

// Checked before anything native is imported: better-sqlite3 crashes the process on Node 20 without a message.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(
    `conntrack-api needs Node 22.14 or later, found ${process.version}. ` +
      'In a checkout, "npm ci" installs a suitable version and "npm start" uses it.\n',
  );
  process.exitCode = 1;
} else {
  // Before modules load, which creates much garbage.
  keepYoungGenerationSmall();
  const { runCommandLine } = await import('./cli/command-line.ts');
  await runCommandLine(process.argv);
}
