import type { ErrorDefinition } from './errors/error-definition.ts';
import { HOST_ERRORS } from './errors/host-errors.ts';
import { REQUEST_ERRORS } from './errors/request-errors.ts';

export type ErrorCode = keyof typeof REQUEST_ERRORS | keyof typeof HOST_ERRORS;

/** Every error that a client can get. docs/errors.md and the examples in the OpenAPI document are generated from it. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorDefinition>> = { ...REQUEST_ERRORS, ...HOST_ERRORS };

export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];
