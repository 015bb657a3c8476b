import type { BootFile, BootFilesFound } from '../boot-input.ts';

/** Files in memory that the boot reads. No file shows whether something writes them again before they are read. */
export function volatileFiles(found: BootFilesFound): readonly string[] {
  const { directories, firewallUnits = [] } = found;
  return [...directories, ...firewallUnits]
    .flatMap(({ files }) => files)
    .filter((file) => isVolatile(found, file))
    .map(({ path }) => path);
}

export function withoutVolatile(found: BootFilesFound): BootFilesFound {
  const kept = <Place extends { readonly files: readonly BootFile[] }>(place: Place): Place => ({
    ...place,
    files: place.files.filter((file) => !isVolatile(found, file)),
  });
  const { directories, firewallUnits } = found;
  return { ...found, directories: directories.map(kept), ...(firewallUnits && { firewallUnits: firewallUnits.map(kept) }) };
}

function isVolatile({ inMemory }: BootFilesFound, { path }: BootFile): boolean {
  return inMemory !== undefined && path.startsWith(`${inMemory}/`);
}
