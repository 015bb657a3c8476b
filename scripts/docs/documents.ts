import { configuration } from './configuration.ts';
import type { GeneratedDocument } from './generated-document.ts';

/** Every document with a generated part. */
export const DOCUMENTS: readonly GeneratedDocument[] = [configuration];
