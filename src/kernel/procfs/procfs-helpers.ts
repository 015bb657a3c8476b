import { KernelHelpers } from '../../application/ports/kernel-helpers.ts';
import { HELPER_MODULES, type HelperModules, type LoadedHelperModule } from '../../domain/helper.ts';
import type { Unavailable } from '../../domain/layout.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { requireLayout } from '../kernel-layout.ts';

const MODULES = '/sys/module';
const PORTS = /^\d{1,5}(,\d{1,5})*\n?$/;

/** Reads which helper modules are loaded from /sys/module. */
export class ProcfsHelpers extends KernelHelpers {
  private readonly files: KernelFiles;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string) {
    super();
    this.files = new KernelFiles(root);
  }

  async read(): Promise<HelperModules> {
    const { name: layout } = await requireLayout(this.files);
    const listed = await orFailure(this.files.list(MODULES));
    if (listed instanceof KernelFileError) return { modules: [], unavailable: [listed.toUnavailable('items[].module')] };
    const wanted = Object.keys(HELPER_MODULES).map((name) => `${layout}_${name}`);
    const found = await Promise.all(wanted.filter((module) => listed.includes(module)).map((module) => this.readModule(module)));
    return {
      modules: found.map(({ module }) => module),
      unavailable: [
        ...found.flatMap(({ unavailable }) => unavailable),
        ...(listed.includes(`${layout}_pptp`) ? [] : [MAY_BE_BUILT_IN]),
        ...(listed.includes('nfnetlink_cthelper') ? [USER_SPACE] : []),
      ],
    };
  }

  private async readModule(module: string): Promise<{ readonly module: LoadedHelperModule; readonly unavailable: readonly Unavailable[] }> {
    const directory = `${MODULES}/${module}`;
    // Only modules that were loaded have this file.
    const builtIn = !(await this.files.exists(`${directory}/initstate`));
    const path = `${directory}/parameters/ports`;
    if (!(await this.files.exists(path))) return { module: { module, builtIn }, unavailable: [] };
    const text = await orFailure(this.files.readText(path));
    if (text instanceof KernelFileError) return { module: { module, builtIn }, unavailable: [text.toUnavailable(`${module}.ports`)] };
    return { module: { module, builtIn, ...(PORTS.test(text) && { ports: text.trim().split(',').map(Number) }) }, unavailable: [] };
  }
}

/** Only modules with parameters have a directory when they are built in. */
const MAY_BE_BUILT_IN: Unavailable = {
  field: 'items[].module',
  code: 'NOT_LISTED',
  detail: 'The helper pptp has no parameters, so /sys/module does not list it if it is built into the kernel. It may exist.',
  remedy: 'Check CONFIG_NF_CONNTRACK_PPTP of the kernel (modules.builtin).',
};

const USER_SPACE: Unavailable = {
  field: 'items[].module',
  code: 'NOT_READ',
  detail:
    'nfnetlink_cthelper is loaded, so programs in user space can register helpers. Those without an entry and an expectation are not listed.',
  remedy: 'nfct helper list',
};
