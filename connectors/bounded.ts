/** Requests of a write that may not go out late, whichever part of a connector sends them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type MakeConnector, type NotAfter } from './port.ts';

/** A connector like the given one, each request of whose writes goes out by `notAfter` or not at all. */
export const bounded =
  (make: MakeConnector): MakeConnector =>
  (settings, runtime) => {
    const bounds = new AsyncLocalStorage<NotAfter | undefined>();
    const connector = make(settings, {
      ...runtime,
      async http(request) {
        const notAfter = await bounds.getStore()?.();
        return runtime.http(notAfter === undefined ? request : { ...request, notAfter });
      },
    });
    return {
      ...connector,
      write: (writes, open, notAfter) => bounds.run(notAfter, () => connector.write(writes, open)),
    };
  };
