import type { Manifest } from './render.ts';

export interface Mistake {
  readonly what: string;
  /** The fault that the validation must report. */
  readonly expected: RegExp;
  make(daemonSet: Loose): void;
}

// A manifest that can be changed anywhere.
type Loose = Manifest & { readonly spec: Spec };
interface Spec extends Record<string, unknown> {
  readonly template: { readonly spec: PodSpec };
}
interface PodSpec extends Record<string, unknown> {
  readonly containers: [Record<string, Record<string, unknown>> & Record<'volumeMounts', Record<string, unknown>[]>];
  readonly volumes: Record<string, Record<string, unknown>>[];
}

/** One example of each kind of editing mistake. */
export const MISTAKES: readonly Mistake[] = [
  {
    what: 'a misspelt field of the pod',
    expected: /"hostNetwrok"' does not exist/,
    make: ({ spec }) => (spec.template.spec['hostNetwrok'] = true),
  },
  {
    what: 'a misspelt field deep in a container',
    expected: /"readOnlyRootFileSystem"' does not exist/,
    make: ({ spec }) => (securityContextOf(spec)['readOnlyRootFileSystem'] = true),
  },
  {
    what: 'a field in the wrong place',
    expected: /"tolerations"' does not exist/,
    make: ({ spec }) => (spec['tolerations'] = [{ operator: 'Exists' }]),
  },
  {
    what: 'a string instead of a number',
    expected: /\/livenessProbe\/periodSeconds: type .*integer/,
    make: ({ spec }) => ((spec.template.spec.containers[0]['livenessProbe'] ?? {})['periodSeconds'] = '10'),
  },
  {
    what: 'a string instead of a boolean',
    expected: /\/spec\/hostNetwork: type .*boolean/,
    make: ({ spec }) => (spec.template.spec['hostNetwork'] = 'true'),
  },
  {
    what: 'a string instead of a list',
    expected: /\/capabilities\/drop: type .*array/,
    make: ({ spec }) => (securityContextOf(spec)['capabilities'] = { drop: 'ALL' }),
  },
  {
    what: 'an unknown enum value',
    expected: /\/hostPath\/type: enum/,
    make: ({ spec }) => ((spec.template.spec.volumes[0]?.['hostPath'] ?? {})['type'] = 'Dir'),
  },
  {
    what: 'a missing required field',
    expected: /\/volumeMounts\/0: required .*mountPath/,
    make: ({ spec }) => Reflect.deleteProperty(spec.template.spec.containers[0].volumeMounts[0] ?? {}, 'mountPath'),
  },
];

function securityContextOf(spec: Spec): Record<string, unknown> {
  return spec.template.spec.containers[0]['securityContext'] ?? {};
}
