import { configuration } from './configuration.ts';
import { errors } from './errors.ts';
import { filters } from './filters.ts';
import { boot, findings, risks } from './findings.ts';
import type { GeneratedDocument } from './generated-document.ts';
import { manualPages } from './man.ts';
import { performance } from './performance.ts';

/** Every document with a generated part. */
export const DOCUMENTS: readonly GeneratedDocument[] = [
  configuration,
  errors,
  boot,
  findings,
  risks,
  filters,
  performance,
  ...manualPages(),
];
