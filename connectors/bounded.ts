/** Requests of a write that may not go out late, whichever part of a connector sends them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type MakeConnector, type NotAfter } from './port.ts';

/** What a write under way is bound to. `of`: whose write; it may read a file through another connector, which is free. */
interface Bound {
  readonly of: symbol;
  readonly notAfter: NotAfter | undefined;
}

// One for all: Node asks every storage there ever was at each promise that is made.
const bounds = new AsyncLocalStorage<Bound>();

/** A connector like the given one, each request of whose writes goes out by `notAfter` or not at all. */
export const bounded =
  (make: MakeConnector): MakeConnector =>
  (settings, runtime) => {
    const of = Symbol(settings.account);
    const connector = make(settings, {
      ...runtime,
      async http(request) {
        const bound = bounds.getStore();
        const notAfter = bound?.of === of ? await bound.notAfter?.() : undefined;
        return runtime.http(notAfter === undefined ? request : { ...request, notAfter });
      },
    });
    return {
      ...connector,
      write: (writes, open, notAfter) => bounds.run({ of, notAfter }, () => connector.write(writes, open)),
    };
  };
