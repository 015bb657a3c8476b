/**
 * Builds packages of the built service, including Node. Reproducible: the same commit and npm packages produce the same bytes.
 *
 *     node scripts/package.ts [--arch amd64|arm64]… [--format deb|rpm]… [--version VERSION] [--out DIRECTORY]
 *
 * Defaults: the architecture of this machine, deb, the version of package.json, the directory packages.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isArchitecture, ofThisMachine } from './package/architecture.ts';
import { CHECKOUT, MANIFEST } from './package/checkout.ts';
import { buildDeb } from './package/deb.ts';
import { dependenciesFor } from './package/dependencies.ts';
import { packageVersionOf } from './package/packaged.ts';
import { buildRpm } from './package/rpm.ts';

const BUILDERS = new Map([
  ['deb', buildDeb],
  ['rpm', buildRpm],
]);

const { values } = parseArgs({
  options: {
    arch: { type: 'string', multiple: true },
    format: { type: 'string', multiple: true, default: ['deb'] },
    version: { type: 'string', default: MANIFEST.version },
    out: { type: 'string', default: 'packages' },
  },
});
const { version, format } = values;
const architectures = (values.arch ?? [ofThisMachine()]).map((name) => {
  if (!isArchitecture(name)) throw new Error(`--arch: expected amd64 or arm64, found ${name}`);
  return name;
});
const builders = format.map((name) => {
  const build = BUILDERS.get(name);
  if (build === undefined) throw new Error(`--format: expected deb or rpm, found ${name}`);
  return build;
});
const out = resolve(CHECKOUT, values.out);
mkdirSync(out, { recursive: true });
for (const architecture of architectures) {
  const dependencies = dependenciesFor(architecture);
  for (const build of builders)
    process.stdout.write(`${build({ architecture, dependencies, version, packageVersion: packageVersionOf(version), out })}\n`);
}
