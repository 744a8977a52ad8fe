/** The HTTP side of the bridge: webhooks, health, metrics. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import express from 'express';
import { receive, type ReceiverDeps } from '../webhooks/receiver.ts';
import { type Metrics } from './metrics.ts';
import { type Page } from './oauth/pages.ts';

export interface HttpDeps {
  readonly receiver: ReceiverDeps;
  readonly metrics: Metrics;
  /** The two addresses of a local application in Bitrix24. */
  readonly application: {
    install(account: string, secret: string, query: string, body: string): Promise<Page>;
    open(account: string, query: string, body: string): Promise<Page>;
  };
  /** Why the bridge can't work now; null = ready. */
  ready(): Promise<string | null>;
  refreshMetrics(): Promise<void>;
  readonly log: { error(data: object, message: string): void };
}

const isHttpError = (error: unknown): error is { readonly status: number } =>
  error instanceof Error && 'status' in error && typeof error.status === 'number';

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function serveHttp(deps: HttpDeps, port: number): Promise<HttpServer> {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n');
  });
  app.get('/readyz', async (_request, response) => {
    const why = await deps.ready();
    response
      .status(why === null ? 200 : 503)
      .type('text')
      .send(`${why ?? 'ready'}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    await deps.refreshMetrics();
    response.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics());
  });
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' });
  const bodyOf = (request: express.Request): string => (typeof request.body === 'string' ? request.body : '');
  const queryOf = (request: express.Request): string => request.originalUrl.split('?')[1] ?? '';
  app.post('/bitrix24/:account/install/:secret', form, async (request, response) => {
    const { account = '', secret = '' } = request.params as Record<string, string>;
    const page = await deps.application.install(account, secret, queryOf(request), bodyOf(request));
    response.status(page.status).type('html').send(page.html);
  });
  app.all('/bitrix24/:account/app', form, async (request, response) => {
    const { account = '' } = request.params as Record<string, string>;
    const page = await deps.application.open(account, queryOf(request), bodyOf(request));
    response.status(page.status).type('html').send(page.html);
  });
  app.use((_request, response) => {
    response.status(404).type('text').send('not found\n');
  });
  // A stranger gets no stack: what the request itself is wrong about, and nothing of what failed here.
  app.use(((error, _request, response, next) => {
    const status = isHttpError(error) && error.status < 500 ? error.status : 503;
    if (status === 503) deps.log.error({ err: error }, 'request failed');
    if (response.headersSent) next(error);
    else
      response
        .status(status)
        .type('text')
        .send(status === 503 ? 'try again later\n' : 'bad request\n');
  }) satisfies express.ErrorRequestHandler);
  // Webhooks come before everything else: they are the one path that must stay quick under a flood.
  const server: Server = createServer((request, response) => {
    receive(deps.receiver, request, response).then(
      (handled) => {
        if (!handled) app(request, response);
      },
      (error: unknown) => {
        deps.log.error({ err: error }, 'webhook failed');
        if (!response.headersSent)
          response.writeHead(request.url?.startsWith('/webhooks/planfix/') ? 200 : 503);
        response.end();
      },
    );
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
