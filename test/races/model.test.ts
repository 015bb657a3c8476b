import { describe, it } from 'vitest';
import { playSequences } from './model-sequences.ts';

describe('changes, windows, other writers, restarts, reboots, confirmations, rollbacks and boot files, in any order (nf_conntrack)', () => {
  it('leave the host as the model predicts, and a journal that verifies', { timeout: 0 }, () => playSequences('nf_conntrack'));
});
