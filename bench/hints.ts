/** Durable webhooks, against a bare express server that does one insert for each request. */
import { Agent, request } from 'node:http';
import { type AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { type Figure } from './report.ts';
import { cut, openStand, type Stand } from './stand.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function post(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Requests a second, 64 at a time, for `seconds`. */
export async function rate(url: string, bodyOf: (n: number) => string, seconds: number): Promise<number> {
  const until = Date.now() + seconds * 1000;
  let done = 0;
  const client = async (): Promise<void> => {
    while (Date.now() < until) {
      cut.throwIfAborted();
      const status = await post(url, bodyOf(done));
      if (status !== 200) throw new Error(`answered ${String(status)}`);
      done += 1;
    }
  };
  const started = Date.now();
  await Promise.all(Array.from({ length: 64 }, client));
  return (done / (Date.now() - started)) * 1000;
}

/** Rate of the bare server, its database the bridge's own server. */
export async function bareRate(connectionString: string, seconds: number): Promise<number> {
  const pool = new pg.Pool({ connectionString, max: 20 });
  await pool.query(
    'create table if not exists bare_hints (id bigint generated always as identity, body text, at timestamptz default now())',
  );
  const app = express();
  app.use(express.json());
  app.post('/hook', (incoming, response, next) => {
    pool
      .query('insert into bare_hints (body) values ($1)', [JSON.stringify(incoming.body)])
      .then(() => response.status(200).end(), next);
  });
  const server = app.listen(0);
  try {
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
    await rate(url, (n) => `{"event":"task.changed","task":"${String(n)}"}`, 1);
    return await rate(url, (n) => `{"event":"task.changed","task":"${String(n)}"}`, seconds);
  } finally {
    server.closeAllConnections();
    server.close();
    await pool.query('drop table bare_hints');
    await pool.end();
  }
}

/** The bridge's receiver, with tasks that nobody knows: only the keeping is measured. */
export async function hints(stand?: Stand): Promise<Figure[]> {
  const own = stand ?? (await openStand({ limits: false, delayMs: 0 }));
  try {
    const bare = await bareRate(own.connectionString, 5);
    const url = `http://127.0.0.1:${String(own.bridge.port)}/webhooks/planfix/teyron/benchsecret`;
    const kept = await rate(
      url,
      (n) => `{"event":"task.changed","task":"${String(9_000_000 + (n % 500))}"}`,
      5,
    );
    return [
      { bench: 'hints', what: 'bare express, one insert a request', value: bare, unit: '/s' },
      { bench: 'hints', what: 'durable webhooks', value: kept, unit: '/s' },
      {
        bench: 'hints',
        what: 'durable webhooks by bare express',
        value: kept / bare,
        unit: '',
        limit: { atLeast: 0.7 },
      },
    ];
  } finally {
    if (!stand) await own.close();
  }
}
