import type { Answered } from './answers.ts';
import { clockAhead } from './clock-ahead.ts';
import { ApiProblem, retryAfterIn, toProblem, UNREACHABLE } from './problem.ts';

const TIMEOUT_MILLISECONDS = 20_000;

export interface Question {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly ifMatch?: string | undefined;
  /** New for each thing that is to happen once. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Answer<T> {
  readonly body: T;
  readonly etag: string | undefined;
  /** The service's clock minus this browser's is not more than this; `undefined` where the answer has no date. */
  readonly clockAheadMilliseconds: number | undefined;
}

/** @throws ApiProblem for every answer that is no success, and where none came */
export async function ask<T extends Answered>(token: string, path: string, question: Question = {}): Promise<Answer<T>> {
  const sentAt = Date.now();
  const response = await send(token, path, question);
  const body: unknown = await response.json().catch(() => undefined);
  // Half an answer is none: it would be taken for one that says nothing of its own.
  question.signal?.throwIfAborted();
  if (!response.ok) throw new ApiProblem(toProblem(response.status, body), retryAfterIn(response.headers.get('retry-after')));
  return {
    body: body as T,
    etag: response.headers.get('etag') ?? undefined,
    clockAheadMilliseconds: clockAhead(response.headers.get('date'), sentAt),
  };
}

async function send(token: string, path: string, { method = 'GET', query, body, signal, ...conditions }: Question): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  try {
    return await fetch(`/api/v1${path}${queryOf(query)}`, {
      method,
      headers: headersOf(token, body, conditions),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      // The token is the only credential, and no answer about the host belongs into a cache.
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem(UNREACHABLE);
  }
}

function headersOf(token: string, body: object | undefined, conditions: Pick<Question, 'ifMatch' | 'idempotencyKey'>): Headers {
  const headers = new Headers({ authorization: `Bearer ${token}`, accept: 'application/json' });
  if (body) headers.set('content-type', 'application/json');
  if (conditions.ifMatch !== undefined) headers.set('if-match', conditions.ifMatch);
  if (conditions.idempotencyKey !== undefined) headers.set('idempotency-key', `"${conditions.idempotencyKey}"`);
  return headers;
}

function queryOf(query: Question['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
