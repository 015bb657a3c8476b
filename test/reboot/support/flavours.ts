import { execute } from './execute.ts';

/** A Debian and one of its kernels. */
export interface Flavour {
  readonly name: string;
  /** The release whose systemd, procps and kmod run. */
  readonly release: string;
  /** The source of the kernel: the release itself, or a suite with newer kernels for it. */
  readonly kernelSuite: string;
}

export const FLAVOURS = [
  { name: 'debian12', release: 'bookworm', kernelSuite: 'bookworm' },
  { name: 'debian13', release: 'trixie', kernelSuite: 'trixie' },
  { name: 'debian13-backports', release: 'trixie', kernelSuite: 'trixie-backports' },
] as const satisfies readonly Flavour[];

/** The archive that this host installs packages from. @throws Error if apt is not configured with a Debian archive */
export async function debianArchive(): Promise<string> {
  const targets = await execute('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  const found = targets.split('\n').find((line) => line.endsWith(' Debian Debian main'));
  if (found === undefined)
    throw new Error('apt is not configured with a Debian archive (apt-get indextargets): run apt-get update on a Debian host.');
  return found.split(' ')[0] ?? '';
}

/** @throws Error with the names of all flavours */
export function flavourNamed(name: string): Flavour {
  const found = FLAVOURS.find((flavour) => flavour.name === name);
  if (!found) throw new Error(`There is no flavour "${name}": ${FLAVOURS.map((known) => known.name).join(', ')}.`);
  return found;
}
