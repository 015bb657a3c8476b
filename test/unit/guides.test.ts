import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { DEPLOY } from '../support/metric-names.ts';

const read = (path: string): Promise<string> => readFile(join(DEPLOY, path), 'utf8');
const guide = (name: string): Promise<string> => read(`../docs/how-to/${name}.md`);

function yamlBlocks(markdown: string): unknown[] {
  return [...markdown.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => parse(block) as unknown);
}

/** Rows of all tables whose first cell is code. */
function rows(markdown: string): string[][] {
  return [...markdown.matchAll(/^\| `.*$/gm)].map(([row]) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  );
}

it('the Prometheus guide has the example configuration', async () => {
  expect(yamlBlocks(await guide('prometheus'))[0]).toEqual(parse(await read('prometheus/prometheus.yml')));
});

it('the Prometheus guide explains every alert, with its severity', async () => {
  interface Rules {
    readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly labels: { readonly severity: string } }[] }[];
  }
  const { groups } = parse(await read('prometheus/alerts.yml')) as Rules;
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert, labels }) => [alert, labels.severity]));
  const explained = rows(await guide('prometheus')).filter(([name]) => name?.startsWith('Conntrack'));
  expect(explained.map(([name, severity]) => [name, severity])).toEqual(alerts);
});

it('the Ansible guide lists every variable of the role, with its default', async () => {
  const { argument_specs: specs } = parse(await read('ansible/roles/conntrack_api/meta/argument_specs.yml')) as {
    readonly argument_specs: { readonly main: { readonly options: Readonly<Record<string, unknown>> } };
  };
  const defaults = parse(await read('ansible/roles/conntrack_api/defaults/main.yml')) as Readonly<
    Record<string, string | boolean | object>
  >;
  const page = await guide('ansible');
  const listed = rows(page).filter(([name]) => name?.startsWith('conntrack_api_'));
  expect(listed.map(([name]) => name).sort()).toEqual(Object.keys(specs.main.options).sort());
  const shown = (name: string): string => {
    const value = defaults[name];
    if (value === undefined) return 'required';
    return typeof value === 'object' ? 'none' : String(value);
  };
  for (const [name = '', value] of listed) expect([name, value]).toEqual([name, shown(name)]);
});
