/**
 * Renders the Helm chart: in each mode it must be the same DaemonSet as that of the manifests, except labels. Values that the schema of the
 * chart does not allow must be refused.
 *
 *     node test/deploy/kubernetes/chart.ts
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { IDaemonSet } from 'kubernetes-models/apps/v1';
import { parseAllDocuments, parse } from 'yaml';
import { withHelm } from './helm.ts';
import { violatedRequirements } from './promises.ts';
import { DEPLOY, render, VARIANTS, type Manifest } from './render.ts';
import { faultsOf } from './schema.ts';

const CHART = join(DEPLOY, 'chart');
const RELEASE = ['template', 'conntrack-api', CHART, '--namespace', 'conntrack-api'];
/** What no operator should be able to give by mistake, and what helm must report. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['mode=change', /at '\/mode'.*value must be one of/s],
  ['prot=8478', /additional properties 'prot' not allowed/],
  ['image.repo=registry', /at '\/image'.*additional properties 'repo' not allowed/s],
  ['port=http', /at '\/port'.*got string, want integer/s],
  ['port=65536', /at '\/port'.*maximum/s],
  ['dataDirectory=data', /at '\/dataDirectory'.*does not match pattern/s],
  ['tolerations=Exists', /at '\/tolerations'.*got string, want array/s],
];

await withHelm(async (helm) => {
  const run = promisify(execFile);
  const template = async (...values: readonly string[]): Promise<IDaemonSet> => {
    const { stdout } = await run(helm, [...RELEASE, ...values.flatMap((value) => ['--set', value])]);
    const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
    assert.deepEqual(
      manifests.map(({ kind }) => kind),
      ['DaemonSet'],
    );
    assert.deepEqual(faultsOf(manifests), [[]]);
    return manifests[0] as unknown as IDaemonSet;
  };

  await run(helm, ['lint', '--strict', CHART]);
  const versions = await Promise.all([join(CHART, 'Chart.yaml'), join(DEPLOY, '../../package.json')].map((path) => readFile(path, 'utf8')));
  const [chart, product] = versions.map((text) => parse(text) as { readonly version: string; readonly appVersion?: string });
  assert.deepEqual([chart?.version, chart?.appVersion], [product?.version, product?.version]);

  for (const mode of VARIANTS) {
    const rendered = await template(`mode=${mode}`);
    assert.deepEqual(violatedRequirements(mode, rendered as unknown as Manifest), [], mode);
    const manifest = render(mode).find(({ kind }) => kind === 'DaemonSet');
    assert.deepEqual(withoutLabels(rendered), withoutLabels(manifest as unknown as IDaemonSet), mode);
  }

  const other = await template(
    ...['image.repository=registry.example/conntrack-api', 'image.tag=1.2.3', 'port=9477', 'dataDirectory=/data', 'runtimeClassName=crun'],
    ...['env[0].name=CONNTRACK_API_APPLY_AT_START', 'env[0].value=yes', 'imagePullSecrets[0].name=pull', 'tolerations=null'],
  );
  const pod = other.spec?.template.spec;
  const container = pod?.containers[0];
  assert.equal(container?.image, 'registry.example/conntrack-api:1.2.3');
  assert.deepEqual(
    container.env?.map(({ name, value }) => `${name}=${String(value)}`),
    ['CONNTRACK_API_FIRST_TOKEN=false', 'CONNTRACK_API_PORT=9477', 'CONNTRACK_API_APPLY_AT_START=yes'],
  );
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe].map((probe) => probe?.httpGet?.port);
  assert.deepEqual([...probes, container.ports?.[0]?.containerPort], [9477, 9477, 9477, 9477]);
  assert.equal(pod?.volumes?.[0]?.hostPath?.path, '/data');
  assert.deepEqual([pod.runtimeClassName, pod.imagePullSecrets, pod.tolerations], ['crun', [{ name: 'pull' }], undefined]);

  for (const [value, expected] of REFUSED) await assert.rejects(template(value), expected, value);
  process.stdout.write(`chart: ${VARIANTS.length} modes are those of the manifests, ${REFUSED.length} invalid values refused\n`);
});

/** The labels of a release contain its name. */
function withoutLabels({ metadata, spec, ...rest }: IDaemonSet): object {
  const { name, namespace } = metadata ?? {};
  return { ...rest, name, namespace, spec: { ...spec, selector: undefined, template: { spec: spec?.template.spec } } };
}
