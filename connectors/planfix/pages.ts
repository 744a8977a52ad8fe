/**
 * Lists page by page. Planfix tells no total and no cursor, and offsets shift when rows come or go (reference 5): pages
 * overlap by one row, and when the row that ended a page is not in the next one, the reading begins anew.
 */
import { type Instant } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { ConnectorError } from '../port.ts';
import { type Refused, send, type Session, type Unclear } from './client.ts';
import { Identified } from './schema.ts';
import { connectorError, oddAnswer } from './troubles.ts';

export const pageSize = 100;
/** A list longer than this is given up, not read for ever. */
const pagesMax = 200;
const restartsMax = 3;

export interface List {
  readonly path: string;
  /** The body but for `offset` and `pageSize`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Name of the rows in the answer (reference 12). */
  readonly key: string;
  readonly about: string;
}

export interface Row {
  /** As the answer shows it, prefix included; null when it has none. */
  readonly id: string | null;
  readonly row: unknown;
}

export type Listed =
  /**
   * `whole`: read to the end of the list, not only until `enough`. `servedAt`: the server's clock at the first page,
   * where it tells.
   */
  | {
      readonly is: 'rows';
      readonly rows: readonly Row[];
      readonly whole: boolean;
      readonly servedAt: Instant | null;
    }
  | { readonly is: 'odd'; readonly trouble: Trouble }
  | Refused
  | Unclear;

/** All rows until the list ends or a row is `enough`; that row and those after it on its page are included. Never throws. */
export async function listRows(
  session: Session,
  list: List,
  enough: (row: Row) => boolean = () => false,
): Promise<Listed> {
  const tried = `POST ${list.path}`;
  let rows: Row[] = [];
  let offset = 0;
  let edge: string | null = null;
  let restarts = 0;
  let servedAt: Instant | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const answer = await send(session, {
      method: 'POST',
      path: list.path,
      json: { offset, pageSize, ...list.json },
    });
    if (answer.is === 'refused' || answer.is === 'unclear') return answer;
    const page = answer.is === 'ok' ? answer.data[list.key] : undefined;
    if (!Array.isArray(page)) {
      return { is: 'odd', trouble: oddAnswer(list.about, tried, `no list "${list.key}" in the answer`) };
    }
    if (pages === 0 && answer.is === 'ok') servedAt = clockOf(answer.headers);
    const found = page.map(rowOf);
    if (edge !== null && !found.some((row) => row.id === edge) && restarts < restartsMax) {
      restarts += 1;
      rows = [];
      offset = 0;
      edge = null;
      continue;
    }
    const known = new Set(rows.map((row) => row.id));
    const before = rows.length;
    for (const row of found) {
      if (row.id !== null && known.has(row.id)) continue;
      known.add(row.id);
      rows.push(row);
    }
    if (found.length < pageSize) return { is: 'rows', rows, whole: true, servedAt };
    if (found.some(enough)) return { is: 'rows', rows, whole: false, servedAt };
    if (rows.length === before)
      return { is: 'odd', trouble: oddAnswer(list.about, tried, 'a full page that brings nothing new') };
    edge = found.at(-1)?.id ?? null;
    offset += pageSize - 1;
  }
  return {
    is: 'odd',
    trouble: oddAnswer(list.about, tried, `a list of more than ${String(pagesMax)} pages`),
  };
}

function clockOf(headers: Readonly<Record<string, string>>): Instant | null {
  const at = Date.parse(headers['date'] ?? '');
  return Number.isNaN(at) ? null : at;
}

function rowOf(row: unknown): Row {
  const identified = Identified.safeParse(row);
  return { id: identified.success ? String(identified.data.id) : null, row };
}

/** The rows of a whole list. Throws ConnectorError when it can't be had. */
export async function wholeList(session: Session, list: List): Promise<readonly Row[]> {
  const listed = await listRows(session, list);
  if (listed.is === 'odd') throw new ConnectorError(listed.trouble);
  if (listed.is !== 'rows') throw connectorError(listed, list.about, `POST ${list.path}`);
  return listed.rows;
}
