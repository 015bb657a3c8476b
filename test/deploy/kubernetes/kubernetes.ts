/**
 * Validates the Kubernetes manifests against the schemas of their kinds, verifies that the validation detects mistakes, and checks further
 * requirements.
 *
 *     node test/deploy/kubernetes/kubernetes.ts
 */
import { MISTAKES } from './mistakes.ts';
import { violatedRequirements } from './promises.ts';
import { render, VARIANTS, type Manifest } from './render.ts';
import { faultsOf } from './schema.ts';

const rendered = VARIANTS.flatMap((variant) => render(variant).map((manifest) => ({ variant, manifest })));
const invalid = MISTAKES.map((mistake) => {
  const manifest = structuredClone(daemonSetOf('observe'));
  mistake.make(manifest as Parameters<typeof mistake.make>[0]);
  return { ...mistake, manifest };
});
const faults = faultsOf([...rendered, ...invalid].map(({ manifest }) => manifest));

for (const [at, { variant, manifest }] of rendered.entries()) {
  for (const fault of faults[at] ?? []) fail(`${variant}, ${manifest.kind}: ${fault}`);
}
for (const [at, { what, expected }] of invalid.entries()) {
  const found = faults[rendered.length + at] ?? [];
  if (!found.some((fault) => expected.test(fault))) fail(`${what} is not detected; found: ${found.join('; ') || 'nothing'}`);
}
for (const variant of VARIANTS)
  for (const requirement of violatedRequirements(variant, daemonSetOf(variant))) fail(`${variant}: violates "${requirement}"`);
process.stdout.write(`${rendered.length} Kubernetes objects and ${invalid.length} invalid variants checked\n`);

function daemonSetOf(variant: string): Manifest {
  const found = render(variant).find(({ kind }) => kind === 'DaemonSet');
  if (!found) throw new Error(`${variant} has no DaemonSet.`);
  return found;
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
