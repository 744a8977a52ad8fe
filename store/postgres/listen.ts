/** LISTEN on a connection of its own, opened again when it breaks. */
import pg from 'pg';

export interface Listening {
  close(): Promise<void>;
}

const reconnectMs = 1_000;

/** A notification that is lost while the connection is down costs time, not work: due work is also looked for. */
export async function listen(
  connectionString: string,
  channel: string,
  heard: (payload: string) => void,
  log: { warn(data: object, message: string): void },
): Promise<Listening> {
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;

  const open = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString,
      application_name: `svyazka ${channel}`,
      keepAlive: true,
    });
    let broken = false;
    const onBroken = (error?: Error): void => {
      if (broken || closed) return;
      broken = true;
      log.warn({ channel, error: error?.message }, 'listening connection broke');
      timer = setTimeout(reopen, reconnectMs);
    };
    fresh.on('error', onBroken);
    fresh.on('end', () => onBroken());
    fresh.on('notification', ({ payload }) => heard(payload ?? ''));
    await fresh.connect();
    await fresh.query(`listen ${channel}`);
    client = fresh;
    if (closed) await fresh.end();
  };
  const reopen = (): void => {
    open().catch((error: unknown) => {
      log.warn(
        { channel, error: error instanceof Error ? error.message : String(error) },
        'listening connection not opened',
      );
      if (!closed) timer = setTimeout(reopen, reconnectMs);
    });
  };
  await open();
  return {
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      await client?.end();
    },
  };
}
