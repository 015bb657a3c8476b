export { CONTROLLERS } from './controllers.ts';
export type { HttpOptions } from './edge/http-options.ts';
export { BuildInfo } from './metrics/collectors/collect-process.ts';
export { newAdapter } from './new-adapter.ts';
export { httpProviders } from './providers.ts';
export { noteLocalCallers, type LocalCaller } from './server/local-callers.ts';
export { setUpHttp } from './set-up-http.ts';
