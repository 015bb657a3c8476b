import { KernelFileError } from '../kernel-file-error.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';
import { sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { networkNamespace } from '../running-kernel.ts';
import { refusalToWrite } from './write-access.ts';

/** Best first: in kernels before a fix of 2021, the sysctl shows the old value after a write to the parameter. */
export function bucketsFiles(layout: KernelLayout): readonly [string, string] {
  return [layout.hashsize, sysctlPath(layout, 'buckets')];
}

/** @throws KernelFileError for the sysctl if neither file can be read */
export async function readBuckets(files: KernelFiles, layout: KernelLayout): Promise<number> {
  const [parameter, sysctl] = bucketsFiles(layout);
  const value = await orFailure(files.readNumber(parameter));
  return value instanceof KernelFileError ? files.readNumber(sysctl) : value;
}

/** The file that a new number of buckets can be written to, or the reason why there is none. The legacy sysctl is read-only. */
export async function bucketsFileToWrite(files: KernelFiles, layout: KernelLayout): Promise<string | KernelFileError> {
  const [parameter, sysctl] = bucketsFiles(layout);
  if ((await networkNamespace(files, layout)) === 'child') {
    const message = 'the table can only be resized in the initial network namespace, and this is a child namespace';
    return new KernelFileError('write', parameter, { code: 'EOPNOTSUPP', message });
  }
  const refused = await refusalToWrite(files, parameter);
  if (!refused) return parameter;
  if (layout.name === 'ip_conntrack' || !(await files.exists(sysctl))) return refused;
  return (await refusalToWrite(files, sysctl)) ?? sysctl;
}
