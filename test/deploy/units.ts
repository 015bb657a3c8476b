/**
 * Asks systemd how exposed the units are, and whether it would notice when one of their walls were gone.
 *
 *     node test/deploy/units.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Most that a unit may be exposed, from 0 to 10. */
const LIMITS = { 'conntrack-api.service': 1.6, 'conntrack-api-boot@.service': 1.0 } as const;
const UNITS = join(import.meta.dirname, '..', '..', 'deploy', 'systemd');
const WALLS = ['NoNewPrivileges', 'ProtectSystem', 'CapabilityBoundingSet', 'SystemCallFilter', 'RestrictAddressFamilies'];

const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-units-'));
try {
  for (const [unit, limit] of Object.entries(LIMITS)) check(unit, limit);
} finally {
  rmSync(directory, { recursive: true });
}

function check(unit: string, limit: number): void {
  const text = readFileSync(join(UNITS, unit), 'utf8');
  const exposure = exposureOf(unit, text);
  process.stdout.write(`${unit}: exposed ${exposure}, at most ${limit} allowed\n`);
  if (!(exposure <= limit)) fail(`${unit} is exposed ${exposure}`);
  for (const wall of WALLS) {
    const without = exposureOf(unit, text.replace(new RegExp(`^${wall}=.*\n`, 'gm'), ''));
    if (!(without > exposure)) fail(`${unit}: ${wall}= is not there, or makes no difference`);
  }
}

/** As an administrator would be told. */
function exposureOf(unit: string, text: string): number {
  const path = join(directory, unit);
  writeFileSync(path, text);
  const { stdout, stderr, error } = spawnSync('systemd-analyze', ['security', '--offline=true', path], { encoding: 'utf8' });
  const found = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
  if (found === undefined)
    throw new Error(`systemd-analyze (Debian's package systemd) says no exposure of ${unit}: ${error?.message ?? stderr}`);
  return Number(found);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
