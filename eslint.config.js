import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of literals: an enum is not erasable TypeScript.' };
const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' };
const noHostPath = {
  selector: ':matches(Literal[value=/^\\/(proc|sys|etc|run)\\//], TemplateElement[value.raw=/^\\/(proc|sys|etc|run)\\//])',
  message: 'Only kernel/ knows /proc and /sys; only boot-files/ knows /etc and /run.',
};
const environment = 'The environment is read in src/config only: take what you need as a constructor argument.';
const sizes = {
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 45, skipComments: true }],
};

export default defineConfig(
  globalIgnores(['.bench/', 'build/', 'dist/', 'coverage/', 'data/', 'node_modules/', 'test/fixtures/', 'src/client/schema.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  { files: ['**/*.{js,mjs,cjs}'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Nest modules and the like are classes whose whole content is their decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Ports and DTOs are classes because Nest needs a value as injection token; they are used as structural types.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Does not apply to classes in decorated signatures: emitDecoratorMetadata needs them at run time.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      // A lock is acquired only to be released at the end of the scope.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      'no-restricted-syntax': ['error', noEnum, noDefaultExport],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      ...sizes,
      'no-console': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: environment }],
      'no-restricted-imports': ['error', { paths: ['process', 'node:process'].map((name) => ({ name, message: environment })) }],
      '@typescript-eslint/parameter-properties': ['error', { prefer: 'class-property' }],
    },
  },
  {
    files: ['src/{domain,application,config,journal}/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noDefaultExport, noHostPath] },
  },
  {
    files: ['src/config/**/*.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  // The command line writes to standard output.
  { files: ['src/{cli,service}/*.ts', 'src/main.ts'], rules: { 'no-console': 'off' } },
  // Nest wires these by constructor: a parameter property is the whole declaration of a dependency.
  { files: ['src/{http,application}/**/*.ts'], rules: { '@typescript-eslint/parameter-properties': 'off' } },
  { files: ['web/**/*.{ts,tsx}'], rules: { ...sizes, 'no-console': 'error' } },
  { files: ['test/**/*.ts'], rules: { 'max-lines': ['error', { max: 300 }] } },
  // supertest types every response body as any.
  { files: ['test/{e2e,contract}/**/*.ts'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  // vitest and vite read their configuration from the default export.
  { files: ['vitest*.config.ts', 'web/vite.config.ts'], rules: { 'no-restricted-syntax': ['error', noEnum] } },
);
