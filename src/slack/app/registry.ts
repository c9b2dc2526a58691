import type { Kind } from '../requests/request-context.ts';

/** What the app listens to, for the test that compares it with the manifest. */
export interface Registration {
  readonly kind: Kind;
  readonly name: string;
}

/** Records a listener. @throws Error if there already is one: Bolt would run both and acknowledge twice. */
export function register(app: { readonly registered: Registration[] }, kind: Kind, name: string): void {
  if (app.registered.some((one) => one.kind === kind && one.name === name)) {
    throw new Error(`a listener is already registered: ${kind} ${name}`);
  }
  app.registered.push({ kind, name });
}
