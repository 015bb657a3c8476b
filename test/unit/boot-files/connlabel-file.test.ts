import { expect, it } from 'vitest';
import { parseLabelNames } from '../../../src/boot-files/connlabel-file.ts';

it('reads a number and a name from each line, and ignores comments and lines that conntrack ignores', () => {
  const text = '# labels\n0\teth0-in\n1 eth0 out \n 127   last\n128 too-high\nname 5\n7\n\n#9 commented\n3 eth0-in\n';
  expect([...parseLabelNames(text)]).toEqual([
    ['eth0-in', 0],
    ['eth0 out', 1],
    ['last', 127],
  ]);
  expect([...parseLabelNames('')]).toEqual([]);
});
