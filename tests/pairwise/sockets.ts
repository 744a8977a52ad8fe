/** The emulators' HTTP shell for rehearsals: TLS, headers and bodies as on a real wire, the clock of the rehearsal. */
import { type AccountServer, openAccount } from '../../emulators/common/shell/account.ts';
import { makeAuthority, makeServerCertificate } from '../../emulators/common/shell/certificates.ts';
import { makeSender } from '../../emulators/common/shell/sender.ts';
import { realRuntime } from '../../runtime/real.ts';
import { TransportError } from '../../runtime/runtime.ts';
import { type Sockets } from '../../simulation/rehearsal.ts';

export interface OpenSockets extends Sockets {
  /** Closes every account opened since the last time. */
  close(): Promise<void>;
}

/** One certificate for all that is opened here. What accounts send of themselves stays with the rehearsal. */
export async function openSockets(): Promise<OpenSockets> {
  const authority = await makeAuthority(new Date());
  const certificate = await makeServerCertificate(authority, [], new Date());
  const sender = makeSender();
  const { http } = realRuntime();
  let servers: AccountServer[] = [];
  return {
    ca: authority.cert,
    http,
    async open(start, serve) {
      const server = await openAccount({
        start,
        certificate,
        ca: authority.cert,
        ports: { http: 0, https: 0 },
        sender,
        maxBodyBytes: 1024 * 1024,
        onError: (error) => {
          console.error(error);
        },
        driven: (host, request) =>
          serve(host, request).catch((error: unknown) => {
            if (error instanceof TransportError) return { kind: 'cut' as const };
            throw error;
          }),
      });
      servers.push(server);
      return server.host;
    },
    async close() {
      const open = servers;
      servers = [];
      await Promise.all(open.map((server) => server.close()));
    },
  };
}
