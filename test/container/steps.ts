import { IMAGE_STEPS } from './steps/image.ts';
import { KUBERNETES_STEPS } from './steps/kubernetes.ts';
import { RESTRICTED_STEPS } from './steps/restricted.ts';
import { COMPOSED_STEPS } from './steps/composed.ts';
import type { Step } from './steps/step.ts';

export const STEPS: Readonly<Record<string, Step>> = { ...IMAGE_STEPS, ...RESTRICTED_STEPS, ...COMPOSED_STEPS, ...KUBERNETES_STEPS };
