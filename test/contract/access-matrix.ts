import { setTimeout as sleep } from 'node:timers/promises';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import type { Method } from '../e2e/ask.ts';
import type { Service } from '../e2e/service.ts';
import type { OpenApi } from './schemas.ts';

/** One route as the OpenAPI document has it; no scopes where it says that no token is needed. */
export interface DocumentedRoute {
  readonly method: Method;
  readonly path: string;
  readonly scopes: readonly Scope[] | undefined;
}

/** One request of the matrix and what was wrong with its answer. */
export interface Finding {
  readonly route: string;
  readonly credentials: string;
  readonly status: number;
}

export interface Tally {
  readonly routes: number;
  readonly requests: number;
  /** Let in where the document says that nobody is. */
  readonly unexpectedSuccesses: readonly Finding[];
  /** Any other answer than the one that belongs to the credentials. */
  readonly otherFaults: readonly Finding[];
}

/** Served and not in the document: they tell nothing of the host. */
export const OUTSIDE_THE_DOCUMENT = ['/', '/assets/*', '/openapi.json', '/docs', '/docs/'] as const;

interface Credentials {
  readonly name: string;
  readonly secret: string | undefined;
  /** Status and code that they must meet; absent where they let their owner in. */
  readonly refusal?: readonly [status: number, code: string];
}

/** Each documented route, and HEAD of each GET: the router adds it. */
export function documentedRoutes(document: OpenApi): readonly DocumentedRoute[] {
  const declared = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { 'x-required-scopes': scopes } = operation as { readonly 'x-required-scopes'?: readonly Scope[] };
      return { method: method as Method, path, scopes };
    }),
  );
  const known = new Set(declared.map(({ method, path }) => `${method} ${path}`));
  const heads = declared.filter(({ method, path }) => method === 'get' && !known.has(`head ${path}`));
  return [...declared, ...heads.map((route) => ({ ...route, method: 'head' as const }))];
}

/** Of the routes that the router knows, those that the document and the short list above do not. */
export function undocumented(routes: ReadonlyMap<string, readonly string[]>, documented: readonly DocumentedRoute[]): readonly string[] {
  const known = new Set(documented.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
  const named = (path: string): boolean => OUTSIDE_THE_DOCUMENT.some((one) => one === path) || path.startsWith('/docs/');
  return [...routes].flatMap(([path, methods]) =>
    methods.map((method) => `${method} ${path}`).filter((route) => !known.has(route) && !(named(path) && /^(GET|HEAD) /.test(route))),
  );
}

/** Asks every route that needs a token with everything that must not open it, and with what must. */
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
  // An answer to HEAD has no body to hold a code.
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

/** Each other scope alone, all of them together, and, where several are needed, each time all but one. */
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

/** The same token for the same scopes: making one is a commit. */
function secretWith(service: Service, scopes: readonly Scope[]): string {
  const made = secrets.get(service) ?? new Map<string, string>();
  secrets.set(service, made);
  const name = scopes.toSorted().join(' ');
  const secret = made.get(name) ?? service.token(...scopes);
  made.set(name, secret);
  return secret;
}
