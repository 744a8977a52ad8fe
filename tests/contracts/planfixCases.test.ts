/** Every contract case of Planfix held to the connector: its answer is served, what is sent and told is judged. */
import { describe, expect, test } from '@jest/globals';
import { readPlanfixHints } from '../../connectors/planfix/webhook.ts';
import { accountJudges } from './judges/account.ts';
import { commentJudges } from './judges/comments.ts';
import { fileJudges } from './judges/files.ts';
import { taskJudges } from './judges/tasks.ts';
import { readContracts } from './layout.ts';
import { type Judges, wireText } from './planfixBench.ts';

const judges: Judges = { ...taskJudges, ...commentJudges, ...fileJudges, ...accountJudges };

/** Cases of calls that this connector does not make: custom fields, checklists, data tags, look-ups of other lists. */
const notCalled = new RegExp(
  [
    '^planfix\\.task\\.get\\.(name-only|status-labelled|people|files|datatags|customfield.*|custom\\..*)$',
    '^planfix\\.task\\.create\\.(custom-values|unknown-priority)$',
    '^planfix\\.task\\.update\\.(custom-.*|list-outside-enum|period-shape|is-deleted)$',
    '^planfix\\.task\\.list\\.(first-page|last-page|past-the-end|default-page-size|user-timezone)$',
    '^planfix\\.task\\.list\\.filter\\.(changed-since-day|changed-not-commented|created-since|statuses-or|object)$',
    '^planfix\\.task\\.list\\.filter\\.(project-and-active|assignee|children|name-contains|custom-.*|priority)$',
    '^planfix\\.task\\.(filters\\.saved|templates)$',
    '^planfix\\.(checklist|datatag|directory|customfield|project)\\.',
    '^planfix\\.comment\\.list\\.(desc-limited|paging)$',
    '^planfix\\.comment\\.create\\.(line-breaks|same-file-twice|hidden)$',
    '^planfix\\.comment\\.(get|flat-list)\\.',
    '^planfix\\.file\\.(upload\\.no-part|from-url|get|get\\.download-url|rename|rename\\.denied|delete|task-list\\.all)$',
    '^planfix\\.(auth\\.no-header|auth\\.access-token-query|list\\.bad-json|unknown-write-key)$',
    '^planfix\\.user\\.(list\\.only-active|list\\.by-email|get\\.by-prefixed-id|positions)$',
    '^planfix\\.contact\\.(list\\.companies|list\\.by-email-part|list\\.only-changed|get\\..*|create|groups)$',
    '^planfix\\.(process\\.list|process\\.statuses\\.own|object\\.list|object\\.get|status\\.individual-view)$',
    '^planfix\\.webhook\\.incoming\\.',
  ].join('|'),
);

const { areas } = await readContracts();
const planfix = areas.filter((area) => area.kind === 'planfix');
const cases = planfix.flatMap((area) => area.cases);
const toCrm = cases.filter((one) => one.direction !== 'from-crm');
const fromCrm = cases.filter((one) => one.direction === 'from-crm');

describe('The Planfix connector and the contract cases', () => {
  test.each(toCrm.filter((one) => judges[one.id] !== undefined).map((one) => [one.id, one] as const))(
    '%s',
    async (id, one) => {
      await judges[id]?.(one);
    },
  );

  test('every case is judged or of a call that the connector does not make', () => {
    const left = toCrm.filter((one) => judges[one.id] === undefined && !notCalled.test(one.id));
    expect(left.map((one) => one.id)).toEqual([]);
    const known = new Set(cases.map((one) => one.id));
    expect(Object.keys(judges).filter((id) => !known.has(id))).toEqual([]);
  });

  test.each(fromCrm.map((one) => [one.id, one] as const))('%s: the body yields its task', (_id, one) => {
    const { body, query, headers } = one.request;
    const form =
      body !== null && typeof body === 'object' && '$form' in body
        ? (body.$form as Record<string, string>)
        : null;
    const wire =
      form !== null
        ? new URLSearchParams(form).toString()
        : body === undefined
          ? new URLSearchParams(query as Record<string, string>).toString()
          : wireText(body);
    const type = form !== null ? 'application/x-www-form-urlencoded' : (headers?.['Content-Type'] ?? null);
    const number = /"task":(?:\{"id":)?"(\d+)"/.exec(wire)?.[1] ?? /task=(\d+)/.exec(wire)?.[1];
    expect(number).toBeDefined();
    expect(readPlanfixHints(wire, type)).toMatchObject([{ is: 'task', task: number }]);
  });
});
