import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toMarkdown, type Report } from '../../bench/harness/report.ts';
import { withPart, type GeneratedDocument } from './generated-document.ts';

const RESULTS = join(import.meta.dirname, '../../bench/results');
const TITLES = {
  entries: 'A large table',
  agent: 'Start, memory, CPU and requests',
  commit: 'Durability',
  metrics: 'Scrapes of all metrics, with a large table and a long journal',
};

/** The results of the last complete run of each suite. */
export const performance: GeneratedDocument = {
  file: 'docs/performance.md',
  source: 'bench/results',
  render: (current) => withPart(current, 'results', Object.entries(TITLES).flatMap(sectionOf).join('\n\n')),
};

function sectionOf([suite, title]: [string, string]): readonly string[] {
  const path = join(RESULTS, `${suite}.json`);
  if (!existsSync(path)) return [];
  return [`### ${title}`, `\`node bench/run.ts ${suite}\``, toMarkdown(JSON.parse(readFileSync(path, 'utf8')) as Report)];
}
