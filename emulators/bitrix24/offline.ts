/** event.offline.* (section 19): the queue with one row per object and event. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { offlineRow } from './events.ts';
import { moment } from './moments.ts';
import { type OfflineRow, randomHex } from './state.ts';
import { splitKey } from './taskFilter.ts';
import { asInt, asList, asRecord, asText, isYes, type Params, pick, refuse } from './values.ts';

const reservation = 30 * 24 * 3_600_000;

const admin = (call: Call): void => {
  if (!call.admin) refuse(403, 'ACCESS_DENIED', 'Access denied!');
};

const valueOf = (row: OfflineRow, field: string): number | string => {
  switch (field) {
    case 'ID':
      return row.id;
    case 'TIMESTAMP_X':
      return row.date;
    case 'EVENT_NAME':
      return row.event;
    case 'MESSAGE_ID':
      return row.messageId;
    case 'PROCESS_ID':
      return row.process ?? '';
    case 'ERROR':
      return row.error ? 1 : 0;
    default:
      return '';
  }
};

const passes = (call: Call, row: OfflineRow, filter: Params): boolean =>
  Object.entries(filter).every(([key, value]) => {
    const { operator, field } = splitKey(key);
    const have = valueOf(row, field);
    const test = (item: Json): boolean => {
      const bound =
        field === 'TIMESTAMP_X'
          ? (moment(call.state, item) ?? NaN)
          : typeof have === 'number'
            ? Number(item)
            : asText(item).toUpperCase();
      const left = typeof have === 'string' ? have.toUpperCase() : have;
      if (operator === '>=') return left >= bound;
      if (operator === '<=') return left <= bound;
      if (operator === '>') return left > bound;
      if (operator === '<') return left < bound;
      return left === bound;
    };
    const values = asList(value === 0 ? ['0'] : value);
    return operator === '!' ? !values.some(test) : values.some(test);
  });

/** Rows of the queue that the call names by its connector, in the wanted order. */
const rowsFor = (call: Call, params: Params, sort: string): OfflineRow[] => {
  dropStale(call);
  const connector = asText(pick(params, 'auth_connector')) || null;
  const filter = asRecord(pick(params, 'filter'));
  const [key = sort, direction = 'ASC'] = Object.entries(asRecord(pick(params, 'order')))[0] ?? [];
  const rows = call.state.offline.filter((row) => row.connector === connector && passes(call, row, filter));
  rows.sort((a, b) => {
    const x = valueOf(a, key.toUpperCase());
    const y = valueOf(b, key.toUpperCase());
    return x < y ? -1 : x > y ? 1 : a.id - b.id;
  });
  if (asText(direction).toUpperCase() === 'DESC') rows.reverse();
  return rows;
};

/** A batch that nobody confirmed is kept for 30 days and then deleted (offline-events.md of the vendor's reference). */
const dropStale = (call: Call): void => {
  const stale = (row: OfflineRow): boolean => row.reserved !== null && call.now - row.reserved > reservation;
  if (call.state.offline.some(stale)) call.state.offline = call.state.offline.filter((row) => !stale(row));
};

const get: Method['run'] = (call, params) => {
  admin(call);
  const clearParam = pick(params, 'clear');
  const clear = clearParam === undefined || isYes(clearParam);
  const limit = Math.min(50, Math.max(1, asInt(pick(params, 'limit')) ?? 50));
  const withErrors = isYes(pick(params, 'error'));
  const process = asText(pick(params, 'process_id'));
  const rows = rowsFor(call, params, 'TIMESTAMP_X')
    .filter((row) => row.error === withErrors)
    .filter((row) => (process === '' ? withErrors || row.process === null : row.process === process))
    .slice(0, limit);
  if (rows.length === 0) return answer({ process_id: process === '' ? null : process, events: [] });
  const shown = rows.map((row): Json => offlineRow(call.state, row));
  if (clear) {
    const gone = new Set(rows);
    call.state.offline = call.state.offline.filter((row) => !gone.has(row));
    return answer({ process_id: null, events: shown });
  }
  const id = process === '' ? `prc${randomHex(call.state, 29)}` : process;
  for (const row of rows) {
    row.process = id;
    row.reserved = call.now;
  }
  return answer({ process_id: id, events: shown });
};

/** Rows of one process that the call names by id, else by message id, else all of them. */
const named = (call: Call, params: Params): Set<OfflineRow> => {
  const process = asText(pick(params, 'process_id'));
  if (process === '') refuse(400, 'ERROR_ARGUMENT', "Argument 'PROCESS_ID' is null or empty");
  const ids = asList(pick(params, 'id')).map(asInt);
  const messages = asList(pick(params, 'message_id')).map(asText);
  return new Set(
    call.state.offline.filter((row) => {
      if (row.process !== process) return false;
      if (ids.length > 0) return ids.includes(row.id);
      return messages.length === 0 || messages.includes(row.messageId);
    }),
  );
};

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `event.offline.${name}`,
  version: 2,
  scope: [],
  write,
  application: true,
  run,
});

export const offlineMethods: readonly Method[] = [
  method('get', true, get),
  method('list', false, (call, params) => {
    admin(call);
    return page(rowsFor(call, params, 'ID'), asInt(pick(params, 'start')), (row) => ({
      ...offlineRow(call.state, row),
      PROCESS_ID: row.process ?? '',
      ERROR: row.error ? '1' : '0',
    }));
  }),
  method('clear', true, (call, params) => {
    admin(call);
    const gone = named(call, params);
    call.state.offline = call.state.offline.filter((row) => !gone.has(row));
    return answer(true);
  }),
  method('error', true, (call, params) => {
    admin(call);
    for (const row of named(call, params)) row.error = true;
    return answer(true);
  }),
];
