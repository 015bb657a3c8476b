import type { Podman } from '../support/podman.ts';

export interface World {
  readonly directory: string;
  /** What Docker and containerd start containers with, and what CRI-O does: they allow different things. Of the same images. */
  readonly runc: Podman;
  readonly crun: Podman;
}

/** One thing after the other. Gives what was measured, if anything. @throws Error where it does not come out as promised */
export type Step = (world: World) => Promise<string | undefined>;
