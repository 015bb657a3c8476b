export interface Conflict {
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  readonly changedBy?: number;
}

/** A problem document of the service, or what this page says in its place where there was none. */
export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy?: string;
  /** Absent where there was no answer. */
  readonly status?: number;
  readonly errors?: readonly { readonly field: string; readonly expected: string; readonly found?: string }[];
  readonly conflicts?: readonly Conflict[];
  readonly changeId?: number;
  readonly requestId?: string;
}

export class ApiProblem extends Error {
  readonly problem: Problem;
  /** How long the service asked to be left alone. */
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
  return { code: 'PAGE_FAULT', title: 'Something went wrong in this page', detail, remedy: 'Reload the page.' };
}

/** @param body what the service answered, whatever it is */
export function toProblem(status: number, body: unknown): Problem {
  if (isProblem(body)) return body;
  return {
    code: `HTTP_${String(status)}`,
    title: 'Unexpected answer',
    detail: `The answer has status ${String(status)} and is no problem document: something between this page and the service gave it.`,
    status,
  };
}

export const UNREACHABLE: Problem = {
  code: 'UNREACHABLE',
  title: 'The service does not answer',
  detail: 'No answer came: the service is stopped, or the way to it is cut or slow.',
  remedy: 'It is tried again by itself.',
};

/** `Retry-After` in seconds; the service sends no dates. */
export function retryAfterIn(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) : undefined;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body && 'detail' in body;
}
