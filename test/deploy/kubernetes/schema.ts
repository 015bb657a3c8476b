import { join } from 'node:path';
import { validate as daemonSet } from 'kubernetes-models/_schemas/IoK8sApiAppsV1DaemonSet';
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace';
import ts from 'typescript';
import type { Manifest } from './render.ts';

interface Failure {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: object;
}

interface Kind {
  /** Its TypeScript type, and the module that exports it. */
  readonly type: string;
  readonly module: string;
  /** Ajv validator compiled from the Kubernetes OpenAPI document. Checks required fields, types, formats and enums, but allows unknown fields. */
  readonly validate: ((manifest: unknown) => boolean) & { readonly errors?: readonly Failure[] | null };
}

const KINDS: Readonly<Record<string, Kind>> = {
  'apps/v1 DaemonSet': { type: 'IDaemonSet', module: 'kubernetes-models/apps/v1', validate: daemonSet },
  'v1 Namespace': { type: 'INamespace', module: 'kubernetes-models/v1', validate: namespace },
};

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};

/**
 * The faults of each manifest, by the schema of its kind in the Kubernetes OpenAPI document (from the package kubernetes-models).
 *
 * The document, and so the validators, allow unknown fields; the API server and kubectl do not. The TypeScript types generated from the same
 * document contain every field, so the compiler detects unknown ones: a misspelt field is an excess property of a literal.
 */
export function faultsOf(manifests: readonly Manifest[]): readonly (readonly string[])[] {
  const excess = compile(manifests.map((manifest) => literalOf(manifest)));
  return manifests.map((manifest, at) => [...validated(manifest), ...(excess[at] ?? [])]);
}

function kindOf({ apiVersion, kind }: Manifest): Kind {
  const found = KINDS[`${apiVersion} ${kind}`];
  // Other kinds, such as those of RBAC, must not appear in the manifests.
  if (!found) throw new Error(`Expected one of ${Object.keys(KINDS).join(', ')}, found ${apiVersion} ${kind}.`);
  return found;
}

function validated(manifest: Manifest): string[] {
  const { validate } = kindOf(manifest);
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`);
}

function literalOf(manifest: Manifest): string {
  const { type, module } = kindOf(manifest);
  return `import type { ${type} } from '${module}';\nexport const manifest: ${type} = ${JSON.stringify(manifest, undefined, 1)};\n`;
}

/** The compiler's diagnostics for each source; the sources exist in memory only. */
function compile(sources: readonly string[]): readonly (readonly string[])[] {
  const paths = sources.map((_, at) => join(import.meta.dirname, `manifest-${at}.mts`));
  const files = ts.createCompilerHost(OPTIONS);
  const textOf = (path: string): string | undefined => sources[paths.indexOf(path)];
  const host: ts.CompilerHost = {
    ...files,
    fileExists: (path) => textOf(path) !== undefined || files.fileExists(path),
    readFile: (path) => textOf(path) ?? files.readFile(path),
    getSourceFile: (path, language, ...more) => {
      const text = textOf(path);
      return text === undefined ? files.getSourceFile(path, language, ...more) : ts.createSourceFile(path, text, language, true);
    },
  };
  const program = ts.createProgram(paths, OPTIONS, host);
  const unresolved = program.getGlobalDiagnostics();
  if (unresolved.length > 0) throw new Error(unresolved.map(({ messageText }) => textOfMessage(messageText)).join('\n'));
  return paths.map((path) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText }) => textOfMessage(messageText)),
  );
}

function textOfMessage(message: string | ts.DiagnosticMessageChain): string {
  return ts.flattenDiagnosticMessageText(message, ' ');
}
