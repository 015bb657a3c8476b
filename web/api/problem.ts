import type { ProblemDocument } from './documents.ts';

/** A problem document of the service, or a description in the same form of a problem that this page found. */
export interface Problem
  extends
    Pick<ProblemDocument, 'title' | 'detail'>,
    Partial<Pick<ProblemDocument, 'remedy' | 'errors' | 'conflicts' | 'changeId' | 'requestId'>> {
  readonly code: string;
  /** Absent when there was no response. */
  readonly status?: number;
}

export class ApiProblem extends Error {
  readonly problem: Problem;
  /** Delay that the service requires before the next request. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'PAGE_FAULT', title: 'Error in this page', detail, remedy: 'Reload the page.' };
}

/** @param body the parsed body of an error response, in any form */
export function toProblem(status: number, body: unknown): Problem {
  if (isProblem(body)) return body;
  return {
    code: `HTTP_${String(status)}`,
    title: 'Unexpected response',
    detail: `The response has status ${String(status)} and is not a problem document. It may come from a proxy in front of the service.`,
    status,
  };
}

export const UNREACHABLE: Problem = {
  code: 'UNREACHABLE',
  title: 'The service does not respond',
  detail: 'The service may be stopped, or the network connection may be interrupted or slow.',
  remedy: 'Retrying automatically.',
};

/** `Retry-After` in seconds; the service does not send dates. */
export function retryAfterIn(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) : undefined;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body && 'detail' in body;
}
