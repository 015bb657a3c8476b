import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

export const DEPLOY = join(import.meta.dirname, '..', '..', '..', 'deploy', 'kubernetes');
export const VARIANTS = ['observe', 'change-crun', 'change-privileged'] as const;

/** A Kubernetes object as sent to the API server. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly patches?: readonly { readonly path: string; readonly target: { readonly kind: string; readonly name: string } }[];
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

type Node = Record<string, unknown> | unknown[];

/** The output of `kubectl kustomize` for one of the variants. @throws Error if it uses anything but resources and JSON patches */
export function render(variant: string): readonly Manifest[] {
  return renderDirectory(join(DEPLOY, variant));
}

function renderDirectory(directory: string): readonly Manifest[] {
  const { apiVersion, kind, resources, patches = [], ...unknown } = read(directory, 'kustomization.yaml') as Kustomization & Manifest;
  const others = Object.keys(unknown);
  if (apiVersion !== 'kustomize.config.k8s.io/v1beta1' || kind !== 'Kustomization' || others.length > 0)
    throw new Error(
      `${directory}/kustomization.yaml: expected a Kustomization of resources and patches, found ${kind} with ${others.join()}.`,
    );
  const manifests = resources.flatMap((path) =>
    path.endsWith('.yaml') ? [read(directory, path) as Manifest] : renderDirectory(join(directory, path)),
  );
  for (const { path, target } of patches) {
    const patched = manifests.filter((manifest) => manifest.kind === target.kind && manifest.metadata.name === target.name);
    if (patched.length !== 1) throw new Error(`${directory}/${path}: expected one ${target.kind} ${target.name}, found ${patched.length}.`);
    for (const operation of read(directory, path) as readonly Operation[]) apply(patched[0] as unknown as Node, operation);
  }
  return manifests;
}

function read(directory: string, path: string): unknown {
  return parse(readFileSync(join(directory, path), 'utf8'));
}

/** The operations of RFC 6902 that the patches use. @throws Error if the path does not exist, as the RFC requires */
function apply(root: Node, { op, path, value }: Operation): void {
  const steps = path.slice(1).split('/');
  const last = steps.pop() ?? '';
  const parent = steps.reduce<Node>((node, step) => child(node, step, path) as Node, root);
  if (op === 'add' && Array.isArray(parent) && last === '-') {
    parent.push(value);
    return;
  }
  child(parent, last, path);
  if (op === 'replace') (parent as Record<string, unknown>)[last] = value;
  else if (op === 'remove' && !Array.isArray(parent)) Reflect.deleteProperty(parent, last);
  else throw new Error(`${op} ${path}: only replace, remove (of a field) and add (at the end of a list) are supported.`);
}

function child(node: Node, step: string, path: string): unknown {
  if (!Object.hasOwn(node, step)) throw new Error(`${path}: expected ${step} in ${dirname(path)}, found none.`);
  return (node as Record<string, unknown>)[step];
}
