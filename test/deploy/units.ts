/**
 * Checks the exposure of the units with systemd-analyze, and verifies that removing a restriction raises it.
 *
 *     node test/deploy/units.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Highest allowed exposure of a unit, from 0 to 10. */
const LIMITS = { 'conntrack-api.service': 1.6, 'conntrack-api-boot@.service': 1.0 } as const;
const UNITS = join(import.meta.dirname, '..', '..', 'deploy', 'systemd');
const RESTRICTIONS = ['NoNewPrivileges', 'ProtectSystem', 'CapabilityBoundingSet', 'SystemCallFilter', 'RestrictAddressFamilies'];

const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-units-'));
try {
  for (const [unit, limit] of Object.entries(LIMITS)) check(unit, limit);
} finally {
  rmSync(directory, { recursive: true });
}

function check(unit: string, limit: number): void {
  const text = readFileSync(join(UNITS, unit), 'utf8');
  const exposure = exposureOf(unit, text);
  process.stdout.write(`${unit}: exposure ${exposure}, at most ${limit} allowed\n`);
  if (!(exposure <= limit)) fail(`${unit}: expected an exposure of at most ${limit}, found ${exposure}`);
  for (const restriction of RESTRICTIONS) {
    const without = exposureOf(unit, text.replace(new RegExp(`^${restriction}=.*\n`, 'gm'), ''));
    if (!(without > exposure)) fail(`${unit}: ${restriction}= is missing, or does not lower the exposure`);
  }
}

/** The exposure that `systemd-analyze security` reports. */
function exposureOf(unit: string, text: string): number {
  const path = join(directory, unit);
  writeFileSync(path, text);
  const { stdout, stderr, error } = spawnSync('systemd-analyze', ['security', '--offline=true', path], { encoding: 'utf8' });
  const found = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
  if (found === undefined)
    throw new Error(`Expected an exposure of ${unit} from systemd-analyze (Debian package systemd), found: ${error?.message ?? stderr}`);
  return Number(found);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
