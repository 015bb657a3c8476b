import type { RootedTree } from './rooted-tree.ts';

const CONFIG_BYTES_MAX = 2_097_152;

/** CONFIG_HZ of the running kernel, from the configuration that distributions install beside it. */
export async function ticksPerSecond(tree: RootedTree, release: string | undefined): Promise<number | undefined> {
  if (release === undefined) return undefined;
  const text =
    (await tree.text(`/boot/config-${release}`, CONFIG_BYTES_MAX)) ?? (await tree.text(`/lib/modules/${release}/config`, CONFIG_BYTES_MAX));
  const [, ticks] = /^CONFIG_HZ=(\d+)$/m.exec(text ?? '') ?? [];
  return ticks === undefined ? undefined : Number(ticks);
}
