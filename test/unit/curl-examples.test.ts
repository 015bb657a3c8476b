import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { operationsOf, requestPath } from '../contract/schemas.ts';
import { curlCommands, curlExamples, operationOf } from '../support/curl-examples.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly tags: readonly string[] }>>>>;
}

const page = readFileSync('docs/curl.md', 'utf8');
const examples = curlExamples(page);
const document = parse(readFileSync('openapi/openapi.yaml', 'utf8')) as Document;
const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
  operationsOf(methods).map(([method, { tags }]) => `${String(tags[0])}: ${method.toUpperCase()} ${requestPath(path, methods)}`),
);
const withoutNames = (operation: string): string => operation.replaceAll(/\{\w+\}/g, '{}');

describe('docs/curl.md', () => {
  it('shows every operation of the OpenAPI document under its tag, once, and no other', () => {
    expect(examples.map(({ tag, operation }) => `${tag}: ${operation}`).sort()).toEqual([...documented].sort());
  });

  it.each(examples)('requests $operation in its block', ({ operation, commands }) => {
    expect(commands.map(operationOf)).toContain(withoutNames(operation));
  });

  it('requests nothing else, and fails on every error response', () => {
    const known = new Set(examples.map(({ operation }) => withoutNames(operation)));
    const commands = curlCommands(page);
    expect(commands.length).toBeGreaterThanOrEqual(documented.length);
    for (const command of commands) {
      expect(command).toMatch(/^curl -sS --fail-with-body /);
      expect(known, command).toContain(operationOf(command));
    }
  });
});

describe('a curl command', () => {
  it.each([
    ['curl -sS -H "$AUTH" $API/table', 'GET /api/v1/table'],
    ['curl -sS -I -H "$AUTH" -G $API/entries -d x=1', 'HEAD /api/v1/entries'],
    ['curl -sS -X POST -H "$AUTH" $API/changes/$ID/confirm', 'POST /api/v1/changes/{}/confirm'],
    ['curl -sS "$API/entries?limit=1")', 'GET /api/v1/entries'],
    ['curl -sS $HERE/healthz', 'GET /healthz'],
  ])('%s requests %s', (command, operation) => {
    expect(operationOf(command)).toBe(operation);
  });

  it('is rejected if it requests another server', () => {
    expect(() => operationOf('curl -sS https://elsewhere.example/')).toThrow('Expected a URL below $API or $HERE');
  });

  it('is found in a command substitution and across a continued line', () => {
    expect(curlCommands('A=$(curl -a \\\n  b)\ncurl -c || test $? -eq 28\n# curling\n')).toEqual([
      'curl -a    b)',
      'curl -c || test $? -eq 28',
    ]);
  });
});
