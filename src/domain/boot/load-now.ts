import type { SettingValues } from '../setting.ts';
import { isBefore } from '../kernel-release.ts';
import type { BootInput } from './boot-input.ts';
import type { BootLine } from './boot-line.ts';
import { describe } from './ledger.ts';
import { kernelArguments, type ArgumentSource } from './parse/kernel-arguments.ts';
import { refusedByKernel } from './parse/kernel-command-line.ts';
import { loadingsOf, type LoadStep } from './parse/kmod-steps.ts';
import { modprobeConfig, optionsOf } from './parse/modprobe-config.ts';
import { readParameters, settingsFrom, type ModuleParameters } from './parse/module-parameters.ts';

/** The alias that the kernel gives modprobe when a program uses ctnetlink: it leads to nf_conntrack_netlink, which needs nf_conntrack. */
const AUTOLOADED = 'nfnetlink-subsys-1';
const BUCKET_BYTES = 8;

/** What keeps the module from loading now. */
interface LoadObstacle {
  readonly message: string;
  readonly lines: readonly BootLine[];
  readonly remedy: string;
}

/** What loading the module now would do. */
export interface LoadPlan {
  readonly obstacles: readonly LoadObstacle[];
  /** The lines whose parameters the module gets, in order. */
  readonly options: readonly BootLine[];
  /** The settings that the parameters decide. */
  readonly values: SettingValues;
}

/** @param memoryAvailableBytes absent if unknown */
export function planLoad(input: BootInput, memoryAvailableBytes: number | undefined): LoadPlan {
  const { files, kernel } = input;
  const module = kernel.layout;
  const config = modprobeConfig(files, module);
  const options = optionsOf(config, [module]).filter(({ text }) => text.trim() !== '');
  const parameters = readParameters(kernelArguments(options));
  const values = settingsFrom(parameters, kernel.bucketsPerPage).map(({ name, value }) => [name, value] as const);
  return {
    obstacles: [...obstaclesOfModules(input), ...obstaclesOfParameters(input, parameters, memoryAvailableBytes)],
    options: options.map(({ at }) => at),
    values: Object.fromEntries(values),
  };
}

function obstaclesOfModules({ files, kernel }: BootInput): readonly LoadObstacle[] {
  const { modules } = files;
  if (modules === undefined) return [];
  const loadings = loadingsOf(AUTOLOADED, modprobeConfig(files, kernel.layout), modules, 'aliases');
  if (loadings.length === 0) {
    const remedy = 'Install the package with the modules of this kernel. After an update of the kernel, reboot.';
    return [{ message: `No module of this kernel provides ${AUTOLOADED} (nf_conntrack_netlink).`, lines: [], remedy }];
  }
  const refused = refusedByKernel(files.commandLine);
  const steps = loadings.flatMap((loading) => loading.steps).filter(({ isRequired }) => isRequired);
  return [
    ...loadings.flatMap(({ target, blacklistedBy }) =>
      blacklistedBy === undefined ? [] : [obstacle(`${describe(blacklistedBy)} blacklists ${target}.`, blacklistedBy)],
    ),
    ...refused
      .filter(({ name }) => steps.some(({ module }) => module === name))
      .map(({ name, at }) => obstacle(`${at.text} on the kernel command line refuses ${name}.`, at)),
    ...steps.flatMap(installObstacle),
  ];
}

/** This service does not run the commands of others. */
function installObstacle({ module, install }: LoadStep): readonly LoadObstacle[] {
  if (install === undefined) return [];
  const message = `${describe(install.at)} runs a command instead of loading ${module}.`;
  return [{ message, lines: [install.at], remedy: `Remove the line, or load the module manually: modprobe ${module}` }];
}

function obstaclesOfParameters(
  input: BootInput,
  parameters: ModuleParameters,
  memoryAvailableBytes: number | undefined,
): readonly LoadObstacle[] {
  const hashsize = parameters.given.get('hashsize');
  const isTooLarge = hashsize !== undefined && memoryAvailableBytes !== undefined && hashsize.value * BUCKET_BYTES > memoryAvailableBytes;
  const repeated = repeatedHashsize(input);
  return [
    ...parameters.refused.map(({ at, why, name }) => obstacle(`${describe(at)}: ${why}.`, at, `Correct or remove ${name}.`)),
    ...(isTooLarge
      ? [
          obstacle(
            `${describe(hashsize.at)}: a hash table of ${hashsize.value} buckets does not fit into the memory available.`,
            hashsize.at,
          ),
        ]
      : []),
    ...(repeated.length > 0 ? [crash(repeated)] : []),
  ];
}

function crash(lines: readonly BootLine[]): LoadObstacle {
  const message = `${lines.map(describe).join(' and ')} both give hashsize: before Linux 4.19, loading the module may then crash the kernel.`;
  return { message, lines, remedy: 'Keep one of the lines.' };
}

/**
 * The lines that give the module `hashsize` when it starts, if there are several and the kernel is older than 4.19: it then resizes a hash
 * table that it has not allocated yet. Empty otherwise.
 */
export function repeatedHashsize({ files, kernel }: BootInput): readonly BootLine[] {
  if (!isBefore(kernel.release, 4, 19) || kernel.layout !== 'nf_conntrack') return [];
  const config = modprobeConfig(files, kernel.layout);
  const sources: readonly ArgumentSource[] = optionsOf(config, [kernel.layout]).filter(
    ({ at }) => kernel.builtIn !== true || at.path === files.commandLine?.path,
  );
  const given = kernelArguments(sources).filter(({ name }) => name === 'hashsize');
  return given.length > 1 ? given.map(({ at }) => at) : [];
}

function obstacle(message: string, line: BootLine, remedy = `Remove the line ${describe(line)}.`): LoadObstacle {
  return { message, lines: [line], remedy };
}
