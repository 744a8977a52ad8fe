import { type Json, type OutgoingRequest } from '../../emulators/common/types.ts';
import { type Difference } from './compare.ts';
import { type ContractCase, type JsonObject } from './layout.ts';

/** How often an event of Bitrix24 has to be sent, as a sentence of `must` says it. */
interface EventRule {
  readonly event: string;
  readonly wanted: 'never' | 'once' | 'sent';
  readonly sentence: string;
}

function eventRules(must: readonly string[]): EventRule[] {
  return must.flatMap((sentence): EventRule[] => {
    const event = /\bON[A-Z]{4,}\b/.exec(sentence)?.[0];
    if (event === undefined) return [];
    if (new RegExp(`\\bNo ${event} is fired`).test(sentence)) return [{ event, wanted: 'never', sentence }];
    if (new RegExp(`\\b(one|exactly one) ${event}\\b|${event} is fired once`, 'i').test(sentence))
      return [{ event, wanted: 'once', sentence }];
    return new RegExp(`${event} is fired`).test(sentence) ? [{ event, wanted: 'sent', sentence }] : [];
  });
}

const decoder = new TextDecoder();

/** Holds what a case's answer led to outside of it against the sentences about events. */
export function compareEvents(must: readonly string[], sent: readonly OutgoingRequest[]): Difference[] {
  const events = sent.map(({ body }) => new URLSearchParams(decoder.decode(body)).get('event'));
  const none = must.find((sentence) => /\bno event arises/.test(sentence));
  if (none !== undefined && events.length > 0)
    return [{ where: '/events', wanted: none, got: events.join(', ') }];
  return eventRules(must).flatMap(({ event, wanted, sentence }) => {
    const count = events.filter((name) => name === event).length;
    const held = wanted === 'never' ? count === 0 : wanted === 'once' ? count === 1 : count > 0;
    return held ? [] : [{ where: '/events', wanted: sentence, got: `${String(count)} times ${event}` }];
  });
}

/** Holds the mailboxes against the sentences that say that nobody hears of it. */
export function compareMail(must: readonly string[], notices: number): Difference[] {
  const quiet = must.find((sentence) => /\b(nobody is notified|no notification is sent)\b/.test(sentence));
  return quiet === undefined || notices === 0
    ? []
    : [{ where: '/mail', wanted: quiet, got: `${String(notices)} notices` }];
}

/** What people see of an account; a refused request may change none of it. */
const visible = ['tasks', 'comments', 'checklists', 'files', 'chats', 'contacts', 'groups', 'dataTagEntries'];

/** True when the case's request is refused, so that nothing visible may change. */
export function isRefused({ response }: ContractCase): boolean {
  const statuses = typeof response.status === 'number' ? [response.status] : response.status;
  const { body } = response;
  const result = typeof body === 'object' && body !== null ? (body as JsonObject)['result'] : undefined;
  return statuses.every((status) => status >= 400) || result === 'fail';
}

/** What of a dump may not change, as texts by list. */
export function visibleLists(dump: Json): ReadonlyMap<string, string> {
  return new Map(visible.map((list) => [list, JSON.stringify((dump as JsonObject)[list] ?? null)]));
}

/** A request that a case refuses leaves everything visible in the account as it was. */
export function compareRefused(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference[] {
  return visible
    .filter((list) => before.get(list) !== after.get(list))
    .map((list) => ({
      where: `/dump/${list}`,
      wanted: 'nothing is changed by a refused request',
      got: 'the list changed',
    }));
}
