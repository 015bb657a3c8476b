import type { Manifest } from './render.ts';

export interface Mistake {
  readonly what: string;
  /** What must be said about it. */
  readonly expected: RegExp;
  make(daemonSet: Loose): void;
}

// A manifest that may be spoilt anywhere.
type Loose = Manifest & { readonly spec: Spec };
interface Spec extends Record<string, unknown> {
  readonly template: { readonly spec: PodSpec };
}
interface PodSpec extends Record<string, unknown> {
  readonly containers: [Record<string, Record<string, unknown>> & Record<'volumeMounts', Record<string, unknown>[]>];
  readonly volumes: Record<string, Record<string, unknown>>[];
}

/** Of each kind that an editor makes, one: the check is worth what it finds. */
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
    what: 'a text in place of a number',
    expected: /\/livenessProbe\/periodSeconds: type .*integer/,
    make: ({ spec }) => ((spec.template.spec.containers[0]['livenessProbe'] ?? {})['periodSeconds'] = '10'),
  },
  {
    what: 'a text in place of true',
    expected: /\/spec\/hostNetwork: type .*boolean/,
    make: ({ spec }) => (spec.template.spec['hostNetwork'] = 'true'),
  },
  {
    what: 'one text in place of a list',
    expected: /\/capabilities\/drop: type .*array/,
    make: ({ spec }) => (securityContextOf(spec)['capabilities'] = { drop: 'ALL' }),
  },
  {
    what: 'a choice that there is not',
    expected: /\/hostPath\/type: enum/,
    make: ({ spec }) => ((spec.template.spec.volumes[0]?.['hostPath'] ?? {})['type'] = 'Dir'),
  },
  {
    what: 'a required field that is missing',
    expected: /\/volumeMounts\/0: required .*mountPath/,
    make: ({ spec }) => Reflect.deleteProperty(spec.template.spec.containers[0].volumeMounts[0] ?? {}, 'mountPath'),
  },
];

function securityContextOf(spec: Spec): Record<string, unknown> {
  return spec.template.spec.containers[0]['securityContext'] ?? {};
}
