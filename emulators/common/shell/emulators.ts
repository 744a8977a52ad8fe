import { bitrix24 } from '../../bitrix24/emulator.ts';
import { planfix } from '../../planfix/emulator.ts';
import { startable, startAccounts, type StartedEmulators, type StartOptions } from './start.ts';

export type EmulatorsOptions = Omit<StartOptions, 'kinds' | 'onError'> &
  Partial<Pick<StartOptions, 'onError'>>;

function tellOnStderr(account: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`emulator ${account}: ${text}\n`);
}

/**
 * Starts emulated Planfix and Bitrix24 accounts on 127.0.0.1. Errors of the emulators themselves go to stderr unless
 * `onError` is given. Throws as `startAccounts` does.
 */
export function startEmulators(options: EmulatorsOptions): Promise<StartedEmulators> {
  return startAccounts({
    onError: tellOnStderr,
    ...options,
    kinds: { planfix: startable(planfix), bitrix24: startable(bitrix24) },
  });
}
