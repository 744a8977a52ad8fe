/**
 * What every connector promises, whatever stands behind it: one suite of the port. A runner per CRM hands in a harness
 * over its emulator; nothing here knows Planfix or Bitrix24.
 */
import { describe } from '@jest/globals';
import { accountKept } from './promises/account.ts';
import { type ConnectorHarness } from './promises/bench.ts';
import { commentsKept } from './promises/comments.ts';
import { filesKept } from './promises/files.ts';
import { strangeWithstood } from './promises/strange.ts';
import { tasksKept } from './promises/tasks.ts';

/** `makeHarness` gives a fresh account for every test. */
export function connectorSuite(
  name: string,
  makeHarness: () => ConnectorHarness | Promise<ConnectorHarness>,
): void {
  const fresh = async (): Promise<ConnectorHarness> => makeHarness();
  describe(`${name} keeps the port's promises`, () => {
    tasksKept(fresh);
    commentsKept(fresh);
    filesKept(fresh);
    accountKept(fresh);
  });
  describe(`${name} withstands answers that no API should give`, () => {
    strangeWithstood(fresh);
  });
}
