import { Agent as HttpAgent, type ClientRequest, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type OutgoingRequest, type ReceiverAnswer } from '../types.ts';

export interface Sender {
  /** Sends a request of an account for real. Redirects are not followed. Never rejects: no answer is `none`. */
  send(request: OutgoingRequest): Promise<ReceiverAnswer>;
  /** Cuts what is under way. */
  close(): void;
}

/** Of an answer only this much is kept: no CRM reads more of what its receivers say. */
const keptBytes = 64 * 1024;

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** Makes the sender of one process: connections are kept alive, certificates of loopback receivers not checked. */
export function makeSender(): Sender {
  const http = new HttpAgent({ keepAlive: true, maxFreeSockets: 32 });
  const https = new HttpsAgent({ keepAlive: true, maxFreeSockets: 32 });
  const ownHttps = new HttpsAgent({ keepAlive: true, maxFreeSockets: 32, rejectUnauthorized: false });
  const open = new Set<ClientRequest>();

  function attempt(outgoing: OutgoingRequest, url: URL, again: boolean): Promise<ReceiverAnswer> {
    return new Promise((resolve) => {
      const secure = url.protocol === 'https:';
      const options = {
        method: outgoing.method,
        headers: { ...outgoing.headers, 'content-length': String(outgoing.body.length) },
        agent: secure ? (isLoopback(url.hostname) ? ownHttps : https) : http,
      };
      const request = secure ? httpsRequest(url, options) : httpRequest(url, options);
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${String(outgoing.timeoutMs)} ms`));
      }, outgoing.timeoutMs);
      open.add(request);
      const end = (answer: ReceiverAnswer): void => {
        clearTimeout(timer);
        open.delete(request);
        resolve(answer);
      };
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let kept = 0;
        response.on('data', (chunk: Buffer) => {
          if (kept < keptBytes) chunks.push(chunk);
          kept += chunk.length;
        });
        response.on('end', () => {
          const body = Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8');
          end({ kind: 'answer', status: response.statusCode ?? 0, body });
        });
        response.on('error', (error) => {
          end({ kind: 'none', why: error.message });
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A kept-alive connection may have been closed by the receiver just now: that says nothing about it.
        if (again && request.reusedSocket && error.code === 'ECONNRESET') {
          clearTimeout(timer);
          open.delete(request);
          void attempt(outgoing, url, false).then(resolve);
          return;
        }
        end({ kind: 'none', why: error.message });
      });
      request.end(outgoing.body);
    });
  }

  return {
    send(outgoing) {
      if (!URL.canParse(outgoing.url))
        return Promise.resolve({ kind: 'none', why: `"${outgoing.url}" is no address` });
      const url = new URL(outgoing.url);
      if (url.protocol !== 'http:' && url.protocol !== 'https:')
        return Promise.resolve({ kind: 'none', why: `${url.protocol} is not spoken here` });
      return attempt(outgoing, url, true);
    },
    close() {
      for (const request of open) request.destroy(new Error('the emulator was closed'));
      for (const agent of [http, https, ownHttps]) agent.destroy();
    },
  };
}
