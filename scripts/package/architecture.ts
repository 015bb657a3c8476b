/** Each architecture by the name that Debian and the command line use, with its names in npm packages and in RPM. */
export const ARCHITECTURES = {
  amd64: { npm: 'x64', rpm: 'x86_64' },
  arm64: { npm: 'arm64', rpm: 'aarch64' },
} as const;

export type Architecture = keyof typeof ARCHITECTURES;

export function isArchitecture(name: string): name is Architecture {
  return Object.hasOwn(ARCHITECTURES, name);
}

/** @throws Error if there are no packages for the architecture of this machine */
export function ofThisMachine(): Architecture {
  const found = Object.keys(ARCHITECTURES).find((name) => isArchitecture(name) && ARCHITECTURES[name].npm === process.arch);
  if (found === undefined || !isArchitecture(found))
    throw new Error(`No packages are built for ${process.arch}: name another architecture with --arch.`);
  return found;
}
