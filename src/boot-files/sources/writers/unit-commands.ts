import type { BootUnit, WriterFile } from '../../../domain/boot/boot-input.ts';
import { readUnit } from '../enabled-units.ts';
import type { RootedTree } from '../rooted-tree.ts';

const UNITS_MAX = 500;
/** Units that start a service when something happens. */
const ACTIVATES = /\.(timer|path|socket)$/;

/** The files of services that the boot starts, or may start, with commands. */
export async function readUnitCommands(tree: RootedTree, enabled: ReadonlySet<string>): Promise<readonly WriterFile[]> {
  const started = await readAll(tree, services(enabled));
  const wanted = await readAll(tree, without(enabled, services(new Set(started.flatMap(wantedBy)))));
  const activators = await readAll(
    tree,
    [...enabled].filter((name) => ACTIVATES.test(name)),
  );
  const known = new Set([...started, ...wanted].map(({ name }) => name));
  const activated = await readAll(tree, without(known, services(new Set(activators.map(activatedBy)))));
  return [...[...started, ...wanted].flatMap((unit) => writersOf(unit)), ...activated.flatMap((unit) => writersOf(unit, true))];
}

function services(names: ReadonlySet<string>): readonly string[] {
  return [...names].filter((name) => name.endsWith('.service'));
}

function without(known: ReadonlySet<string>, names: readonly string[]): readonly string[] {
  return names.filter((name) => !known.has(name));
}

async function readAll(tree: RootedTree, names: readonly string[]): Promise<readonly BootUnit[]> {
  const units = await Promise.all(names.slice(0, UNITS_MAX).map((name) => readUnit(tree, name)));
  return units.filter((unit) => unit !== undefined);
}

function wantedBy(unit: BootUnit): readonly string[] {
  return valuesOf(unit, 'Wants|Requires|BindsTo|Upholds').flatMap((value) => value.split(/\s+/));
}

function activatedBy(unit: BootUnit): string {
  return valuesOf(unit, 'Unit|Service').at(-1) ?? unit.name.replace(ACTIVATES, '.service');
}

function writersOf({ files, name }: BootUnit, isConditional = false): readonly WriterFile[] {
  // Another name of it: the boot starts it once.
  if (name !== 'systemd-sysctl.service' && /\/(systemd-sysctl|procps)\.service$/.test(files[0]?.linkTo ?? '')) return [];
  const unit = { name, files };
  const isUnordered = valuesOf(unit, 'DefaultDependencies').some((value) => /^(no|n|false|f|0|off)$/i.test(value));
  const isAfter = valuesOf(unit, 'After').some((value) => /systemd-sysctl\.service|(sysinit|basic|multi-user)\.target/.test(value));
  const order = isUnordered && !isAfter ? 'unordered' : 'late';
  const withCommands = files.filter(({ content }) => content.kind === 'text' && /^\s*Exec/m.test(content.text));
  return withCommands.map((file) => ({ program: 'unit', order, file, ...(isConditional && { isConditional }) }));
}

function valuesOf({ files }: BootUnit, keys: string): readonly string[] {
  const line = new RegExp(`^\\s*(?:${keys})\\s*=\\s*(.*?)\\s*$`, 'gm');
  return files.flatMap(({ content }) => (content.kind === 'text' ? [...content.text.matchAll(line)].map(([, value = '']) => value) : []));
}
