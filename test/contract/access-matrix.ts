import { setTimeout as sleep } from 'node:timers/promises';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import type { Method } from '../e2e/ask.ts';
import type { Service } from '../e2e/service.ts';
import { operationsOf, requestPath, type OpenApi } from './schemas.ts';

/** One route of the OpenAPI document. No scopes: it needs no token. */
export interface DocumentedRoute {
  readonly method: Method;
  readonly path: string;
  readonly scopes: readonly Scope[] | undefined;
}

/** One request of the matrix, and what is wrong with its response. */
export interface Finding {
  readonly route: string;
  readonly credentials: string;
  readonly status: number;
}

export interface Tally {
  readonly routes: number;
  readonly requests: number;
  /** Requests that succeeded although the document forbids them. */
  readonly unexpectedSuccesses: readonly Finding[];
  /** Responses with an unexpected status or code. */
  readonly otherFaults: readonly Finding[];
}

/** Served but not in the document: they reveal nothing about the host. */
export const OUTSIDE_THE_DOCUMENT = ['/', '/assets/*', '/openapi.json', '/docs', '/docs/'] as const;

interface Credentials {
  readonly name: string;
  readonly secret: string | undefined;
  /** The expected status and code. Absent if the credentials are sufficient. */
  readonly refusal?: readonly [status: number, code: string];
}

/** Each documented route, and HEAD for each GET, which the router adds. */
export function documentedRoutes(document: OpenApi): readonly DocumentedRoute[] {
  const declared = Object.entries(document.paths).flatMap(([path, operations]) =>
    operationsOf(operations).map(([method, operation]) => {
      const { 'x-required-scopes': scopes } = operation as { readonly 'x-required-scopes'?: readonly Scope[] };
      return { method: method as Method, path: requestPath(path, operations), scopes };
    }),
  );
  const known = new Set(declared.map(({ method, path }) => `${method} ${path}`));
  const heads = declared.filter(({ method, path }) => method === 'get' && !known.has(`head ${path}`));
  return [...declared, ...heads.map((route) => ({ ...route, method: 'head' as const }))];
}

/** Routes of the router that neither the document nor the list above has. */
export function undocumented(routes: ReadonlyMap<string, readonly string[]>, documented: readonly DocumentedRoute[]): readonly string[] {
  const known = new Set(documented.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
  const named = (path: string): boolean => OUTSIDE_THE_DOCUMENT.some((one) => one === path) || path.startsWith('/docs/');
  return [...routes].flatMap(([path, methods]) =>
    methods.map((method) => `${method} ${path}`).filter((route) => !known.has(route) && !(named(path) && /^(GET|HEAD) /.test(route))),
  );
}

/** Requests every route that needs a token with all insufficient credentials, and with sufficient ones. */
export async function walkMatrix(service: Service, routes: readonly DocumentedRoute[]): Promise<Tally> {
  const credentials = await badCredentials(service);
  const findings = { unexpectedSuccesses: [] as Finding[], otherFaults: [] as Finding[] };
  let requests = 0;
  for (const { method, path, scopes } of routes) {
    if (scopes === undefined) continue;
    for (const each of [...credentials, ...wrongScopes(service, scopes), rightScopes(service, scopes)]) {
      const { status, body } = await service.raw(method, path.replace('{name}', 'max').replace('{id}', '4711'), each.secret);
      requests++;
      const finding = { route: `${method} ${path}`, credentials: each.name, status };
      if (each.refusal === undefined ? status === 401 || status === 403 : !isRefusal(each.refusal, method, status, body)) {
        findings[each.refusal !== undefined && status !== 401 && status !== 403 ? 'unexpectedSuccesses' : 'otherFaults'].push(finding);
      }
    }
  }
  return { routes: routes.length, requests, ...findings };
}

function isRefusal([expected, code]: readonly [number, string], method: Method, status: number, body: unknown): boolean {
  // A response to HEAD has no body with a code.
  return status === expected && (method === 'head' || (body as { readonly code?: string }).code === code);
}

async function badCredentials(service: Service): Promise<readonly Credentials[]> {
  const tokens = service.app.get(Tokens);
  const revoked = tokens.create('revoked', SCOPES, null);
  tokens.revoke(revoked.token.id);
  const expired = tokens.create('expired', SCOPES, new Date(Date.now() + 20)).secret;
  await sleep(40);
  const valid = service.token(...SCOPES);
  const mistyped = valid.slice(0, -1) + (valid.endsWith('0') ? '1' : '0');
  return [
    { name: 'no token', secret: undefined, refusal: [401, 'UNAUTHENTICATED'] },
    { name: 'malformed token', secret: 'ctapi_000000000000_nonsense', refusal: [401, 'UNAUTHENTICATED'] },
    { name: 'mistyped token', secret: mistyped, refusal: [401, 'UNAUTHENTICATED'] },
    { name: 'expired token', secret: expired, refusal: [401, 'TOKEN_EXPIRED'] },
    { name: 'revoked token', secret: revoked.secret, refusal: [401, 'TOKEN_REVOKED'] },
  ];
}

/** Each other scope alone, all of them together, and, if several are needed, all but one of them. */
function wrongScopes(service: Service, needed: readonly Scope[]): readonly Credentials[] {
  if (needed.length === 0) return [];
  const others = SCOPES.filter((scope) => !needed.includes(scope));
  const lacking = needed.map((missing) => SCOPES.filter((scope) => scope !== missing));
  return [...others.map((scope) => [scope]), others, ...lacking].map((scopes) => ({
    name: `only ${scopes.join(' ')}`,
    secret: secretWith(service, scopes),
    refusal: [403, 'INSUFFICIENT_SCOPE'],
  }));
}

function rightScopes(service: Service, needed: readonly Scope[]): Credentials {
  const scopes = needed.length === 0 ? (['table:read'] as const) : needed;
  return { name: `exactly ${scopes.join(' ')}`, secret: secretWith(service, scopes) };
}

const secrets = new WeakMap<Service, Map<string, string>>();

/** Reuses the token for the same scopes, because creating one is a commit. */
function secretWith(service: Service, scopes: readonly Scope[]): string {
  const made = secrets.get(service) ?? new Map<string, string>();
  secrets.set(service, made);
  const name = scopes.toSorted().join(' ');
  const secret = made.get(name) ?? service.token(...scopes);
  made.set(name, secret);
  return secret;
}
