import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import { makeBaseImage } from '../support/base-image.ts';
import { build } from '../support/build.ts';
import { IMAGE } from '../support/instance.ts';
import type { Step } from './step.ts';

const MEGABYTE = 1_000_000;

export const IMAGE_STEPS: Readonly<Record<string, Step>> = {
  'builds a base image in place of the published one': async ({ runc, directory }) => {
    await makeBaseImage(runc, directory);
    return undefined;
  },

  'two builds of checkouts with different umasks and times produce the same image': async ({ runc, directory }) => {
    const first = await build(runc, IMAGE, join(directory, 'first'), '022');
    const second = await build(runc, 'localhost/again', join(directory, 'second'), '077');
    deepEqual(second, first);
    return `${(first.bytes / MEGABYTE).toFixed(0)} MB, ${first.digest}`;
  },

  'the image contains no files of the build': async ({ runc }) => {
    const left =
      'find / -xdev \\( -name .npmrc -o -name .npm -o -name .package-lock.json -o -path "*/bin/node" -not -path /usr/local/bin/node \\)';
    equal(await runc.run('run', '--rm', '--entrypoint', 'sh', IMAGE, '-c', left), '');
    return undefined;
  },
};
