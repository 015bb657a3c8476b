import { Command } from 'commander';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveOptions } from '../../src/config/serve-options.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEFAULT = String(serveOptions(new Command()).opts<{ port: number }>().port);
const FILES = [...['README.md', 'CONTRIBUTING.md', 'Dockerfile', 'docker-compose.yml'], '{docs,deploy}/**/*.*', 'src/**/*.ts'];
/** The forms in which the port of this service is written. */
const FORMS = [
  '(?:127\\.0\\.0\\.1|localhost):',
  '#CONNTRACK_API_PORT=',
  'CONNTRACK_API_PORT[^\\w=]{1,80}',
  'containerPort: ',
  'host: 127\\.0\\.0\\.1, port: ',
  'port-forward \\$POD ',
  '(?<!-)\\bport ',
  "'--port <number>'.*default\\(",
];
const PORT = new RegExp(`(?:${FORMS.join('|')})(\\d{4,5})\\b`, 'g');

function portsIn(text: string): readonly string[] {
  return [...text.matchAll(PORT)].map(([, port = '']) => port);
}

/** If one of these no longer repeats the port, check that the forms above still match. */
const KNOWN = [
  ...['README.md', 'Dockerfile', 'docker-compose.yml', 'src/client/client.ts', 'src/config/serve-options.ts'],
  ...['deploy/ansible/roles/conntrack_api/defaults/main.yml', 'deploy/debian/conntrack-api.8', 'deploy/debian/conntrack-api.env'],
  ...['deploy/kubernetes/README.md', 'deploy/kubernetes/observe/daemonset.yaml', 'deploy/prometheus/prometheus.yml'],
];

it('every file that repeats the default port has the one of src/config', () => {
  const found = globSync(FILES, { cwd: ROOT }).flatMap((file) =>
    portsIn(readFileSync(join(ROOT, file), 'utf8')).map((port) => ({ file, port })),
  );
  expect(found.filter(({ port }) => port !== DEFAULT)).toEqual([]);
  expect(KNOWN.filter((known) => !found.some(({ file }) => file === known))).toEqual([]);
});
