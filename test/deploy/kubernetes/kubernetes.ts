/**
 * Checks the Kubernetes manifests against the schemas of their kinds, whether these would notice a mistake, and what is promised of them.
 *
 *     node test/deploy/kubernetes/kubernetes.ts
 */
import { MISTAKES } from './mistakes.ts';
import { promises } from './promises.ts';
import { render, VARIANTS, type Manifest } from './render.ts';
import { faultsOf } from './schema.ts';

const rendered = VARIANTS.flatMap((variant) => render(variant).map((manifest) => ({ variant, manifest })));
const spoilt = MISTAKES.map((mistake) => {
  const manifest = structuredClone(daemonSetOf('observe'));
  mistake.make(manifest as Parameters<typeof mistake.make>[0]);
  return { ...mistake, manifest };
});
const faults = faultsOf([...rendered, ...spoilt].map(({ manifest }) => manifest));

for (const [at, { variant, manifest }] of rendered.entries()) {
  for (const fault of faults[at] ?? []) fail(`${variant}, ${manifest.kind}: ${fault}`);
}
for (const [at, { what, expected }] of spoilt.entries()) {
  const found = faults[rendered.length + at] ?? [];
  if (!found.some((fault) => expected.test(fault))) fail(`${what} is not noticed: ${found.join('; ') || 'nothing is'}`);
}
for (const variant of VARIANTS) for (const broken of promises(variant, daemonSetOf(variant))) fail(`${variant}: ${broken}`);
process.stdout.write(`${rendered.length} Kubernetes objects checked, and ${spoilt.length} spoilt ones\n`);

function daemonSetOf(variant: string): Manifest {
  const found = render(variant).find(({ kind }) => kind === 'DaemonSet');
  if (!found) throw new Error(`${variant} has no DaemonSet.`);
  return found;
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
