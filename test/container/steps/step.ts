import type { Podman } from '../support/podman.ts';

export interface StepContext {
  readonly directory: string;
  /** Runtime of Docker and containerd; CRI-O uses crun. They allow different mounts. Both use the same images. */
  readonly runc: Podman;
  readonly crun: Podman;
}

/** One step; steps run in order. @returns a measurement to print, if any. @throws Error if the result is not as expected */
export type Step = (context: StepContext) => Promise<string | undefined>;
