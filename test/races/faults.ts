import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A fault that the product once had, reintroduced in its source. The model test must find it. */
interface Fault {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a revert restores the value before the change, which another change left unconfirmed',
    edits: [
      { file: 'src/domain/pending-settings.ts', from: 'isSameBoot ? earlier.confirmed : valueToRestore(setting)', to: 'setting.before' },
    ],
  },
  {
    name: 'a later change does not take over a pending setting: the deadline of the first reverts the second',
    edits: [
      {
        file: 'src/domain/pending-settings.ts',
        from: 'if (change.confirm) this.settings.set(setting.name, this.pendingUnder(change, setting, earlier));',
        to: 'if (change.confirm) this.settings.set(setting.name, { ...this.pendingUnder(change, setting, earlier), under: earlier?.under ?? change.id });',
      },
    ],
  },
  {
    name: 'a change without a window takes over a pending setting without being asked to',
    edits: [
      {
        file: 'src/application/change/confirmations.ts',
        from: 'if (!pending || pending.under === supersedes) return [];',
        to: 'if (!pending || supersedes !== -1) return [];',
      },
    ],
  },
  {
    name: 'confirming an older change persists its old values',
    edits: [
      {
        file: 'src/application/change/confirm-change.ts',
        from: 'const confirmed = pending.filter((name) => valueOf(live, name) === change.observed.settings[name]);',
        to: 'const confirmed = change.settings.map(({ name }) => name);',
      },
    ],
  },
  {
    name: 'confirming a change of which nothing is pending any more is accepted',
    edits: [
      {
        file: 'src/application/change/confirm-change.ts',
        from: 'if (window.pending.length > 0) return window;',
        to: 'if (window.pending.length >= 0) return window;',
      },
    ],
  },
  {
    name: 'a repeated request is accepted although its values are no longer live',
    edits: [
      {
        file: 'src/application/change/change-settings.ts',
        from: 'settings.every(({ name }) => values.get(name) === observed.settings[name])',
        to: 'settings.every(({ name }) => values.has(name) && name in observed.settings)',
      },
    ],
  },
  {
    name: 'a rollback of a confirmed change leaves its boot files',
    edits: [
      {
        file: 'src/application/change/roll-back-change.ts',
        from: "return end?.kind === 'confirmation' ? [change, requireClosed(end)] : [change];",
        to: 'return end ? [change] : [change];',
      },
    ],
  },
  {
    name: 'a rollback of a confirmation leaves its live values',
    edits: [
      {
        file: 'src/application/change/roll-back-change.ts',
        from: "const change = named.kind === 'confirmation' && named.relatesTo !== null ? requireClosed(this.journal.get(named.relatesTo)) : named;",
        to: 'const change = named;',
      },
    ],
  },
  {
    name: 'a rollback compares the value only',
    edits: [
      {
        file: 'src/domain/rollback-plan.ts',
        from: 'return standingSteps(steps, left).at(-1)?.change.id;',
        to: 'return standingSteps(steps.slice(0, 0), left).at(-1)?.change.id;',
      },
    ],
  },
  {
    name: 'a rollback restores a value that was never confirmed',
    edits: [{ file: 'src/domain/pending-settings.ts', from: 'return confirmedBefore ?? before;', to: 'return before ?? confirmedBefore;' }],
  },
  {
    name: 'a forced rollback restores a shared file as a whole',
    edits: [
      {
        file: 'src/domain/shared-files.ts',
        from: 'if (now === left) return { content: before, lost: [], competing: [], isChanged: false };',
        to: 'if (now !== null || left === now) return { content: before, lost: [], competing: [], isChanged: now !== left };',
      },
    ],
  },
  {
    name: 'after a reboot, values are applied that were never confirmed',
    edits: [
      {
        file: 'src/application/change/apply-at-start.ts',
        from: 'if (change.confirm === null) return true;',
        to: 'if (change.confirm === null || name !== null) return true;',
      },
    ],
  },
];

const CHECKOUT = resolve(import.meta.dirname, '../..');
const PARTS = [
  'src',
  'migrations',
  'package.json',
  'tsconfig.json',
  'vitest.races.config.ts',
  'test/races',
  'test/support',
  'test/fixtures/trees',
];

/** Runs the model test, with as many sequences as in CI, on a copy of the source with each fault. @throws Error for a fault whose text is no longer in the source */
async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'conntrack-api-faults-'));
  try {
    await symlink(join(CHECKOUT, 'node_modules'), join(directory, 'node_modules'));
    for (const part of PARTS) await cp(join(CHECKOUT, part), join(directory, part), { recursive: true });
    const missed: string[] = [];
    if ((await playedUntilFound(directory)) !== undefined) throw new Error('The model test fails without a fault.');
    for (const fault of FAULTS) {
      await introduce(directory, fault);
      const played = await playedUntilFound(directory);
      await restore(directory, fault);
      console.log(`${played === undefined ? 'MISSED' : `found within ${played} sequences`}: ${fault.name}`);
      if (played === undefined) missed.push(fault.name);
    }
    console.log(`faults: ${FAULTS.length} introduced, ${FAULTS.length - missed.length} found by the model test`);
    if (missed.length > 0) process.exitCode = 1;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function introduce(directory: string, { name, edits }: Fault): Promise<void> {
  for (const { file, from, to } of edits) {
    const text = await readFile(join(directory, file), 'utf8');
    if (!text.includes(from))
      throw new Error(`Fault "${name}": expected ${file} to contain ${JSON.stringify(from)}. Adapt the fault to the source.`);
    await writeFile(
      join(directory, file),
      text.replace(from, () => to),
    );
  }
}

async function restore(directory: string, { edits }: Fault): Promise<void> {
  for (const { file } of edits) await cp(join(CHECKOUT, file), join(directory, file));
}

/** The sequences that one layout played until the model test failed; `undefined` if it passes. */
async function playedUntilFound(directory: string): Promise<number | undefined> {
  const child = spawn(
    join(CHECKOUT, 'node_modules/.bin/vitest'),
    ['run', '--config', 'vitest.races.config.ts', '--bail=1', 'test/races/model.test.ts', 'test/races/model-legacy.test.ts'],
    { cwd: directory, env: { ...process.env, MODEL_SHRINK: 'no' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (process.env['FAULTS_VERBOSE']) process.stdout.write(printed);
  if (code === 0) return undefined;
  const played = [...printed.matchAll(/, (\d+) sequences, \d+ steps, differences [1-9]/g)].map(([, count]) => Number(count));
  if (played.length === 0) throw new Error(`The model test failed and found no difference:\n${printed}`);
  return Math.min(...played);
}

await main();
