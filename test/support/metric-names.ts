import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const DEPLOY = join(import.meta.dirname, '../../deploy');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

/** A query and the alert, panel or variable that contains it. */
export interface Query {
  readonly where: string;
  readonly expr: string;
}

export function ruleQueries(): readonly Query[] {
  const { groups } = parse(readFileSync(join(DEPLOY, 'prometheus/alerts.yml'), 'utf8')) as Rules;
  return groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ where: alert, expr })));
}

/** Queries of the dashboard, with Grafana's variables replaced. */
export function dashboardQueries(): readonly Query[] {
  const { panels, annotations, templating } = JSON.parse(readFileSync(join(DEPLOY, 'grafana/dashboard.json'), 'utf8')) as Dashboard;
  const queries = [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
    ...annotations.list.map(({ name, expr }) => ({ where: name, expr })),
    ...templating.list.flatMap(({ name, definition }) => selectorIn(definition).map((expr) => ({ where: name, expr }))),
  ];
  return queries.map(({ where, expr }) => ({
    where,
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance)\b/g, '.+'),
  }));
}

/** The selector in `label_values(SELECTOR, LABEL)`, which is a Grafana function, not PromQL. */
function selectorIn(definition = ''): readonly string[] {
  const selector = /^label_values\((.+), \w+\)$/.exec(definition)?.[1];
  return selector === undefined ? [] : [selector];
}

/** Names of metrics in a query, except `up`, which Prometheus creates itself. */
export function metricNamesIn(expr: string): readonly string[] {
  return [...new Set(expr.match(/\b(?:node|conntrack_api|process)_[a-z0-9_]+/g) ?? [])];
}
