/** What an account's webhook tells, as the work that it makes due. */
import { readBitrix24Hints } from '../connectors/bitrix24/webhook.ts';
import { readPlanfixHints } from '../connectors/planfix/webhook.ts';
import { type OutgoingRequest } from '../emulators/common/types.ts';
import { as, type AccountId } from '../errors/ids.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type Touch } from '../store/port.ts';

export function touchesOf(
  account: string,
  kind: CrmKind | undefined,
  request: OutgoingRequest,
  now: number,
): Touch[] {
  const body = new TextDecoder().decode(request.body);
  const read = kind === 'planfix' ? readPlanfixHints : readBitrix24Hints;
  return read(body, request.headers['content-type'] ?? null).flatMap((hint) =>
    hint.is === 'task'
      ? [
          {
            account: as<AccountId>(account),
            task: hint.task,
            aspects: hint.aspects,
            lane: 'field' as const,
            dueAt: now,
            correlation: `hint ${String(now)}`,
          },
        ]
      : [],
  );
}
