/**
 * Loaded before the service: numbers its temporary files instead of naming them randomly, so that a tracer can match them and the same call
 * has the same path in each run. Only these names use eight random bytes.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const NAME_BYTES = 8;
const random = crypto.randomBytes.bind(crypto);
let count = 0;

function named(size: number): Buffer {
  if (size !== NAME_BYTES) return random(size);
  count += 1;
  return Buffer.from(count.toString(16).padStart(2 * NAME_BYTES, '0'), 'hex');
}

Object.assign(crypto, { randomBytes: named });
syncBuiltinESMExports();
