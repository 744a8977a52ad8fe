/** Facts about processes of this machine: who lives, since when, under which command. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { codeOf } from './error-code.ts';

const hasProc = existsSync('/proc/self/stat');
const bootId = hasProc ? readIfAny('/proc/sys/kernel/random/boot_id').trim() : '';

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(codeOf(error))) return '';
    throw error;
  }
}

const ps = (pid: number, field: string): string => {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return ''; // ps ends with 1 when there is no such process
  }
};

/**
 * When the process began, as text to compare for equality only: with the pid it names one process for good, since
 * pids are given again. Undefined when no such process lives; a zombie does not.
 */
export const processStart = (pid: number): string | undefined => {
  if (!hasProc) {
    const [state, ...began] = ps(pid, 'stat,lstart').split(/\s+/);
    return !state || state.startsWith('Z') ? undefined : began.join(' ');
  }
  const stat = readIfAny(`/proc/${pid}/stat`);
  // The command stands in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticksSinceBoot] = [fields[0], fields[19]];
  return !state || !ticksSinceBoot || state === 'Z' || state === 'X'
    ? undefined
    : `${bootId}:${ticksSinceBoot}`;
};

/** The command's name (`postgres`), empty when no such process lives. */
export const processCommand = (pid: number): string => {
  const name = hasProc ? readIfAny(`/proc/${pid}/comm`).trim() : ps(pid, 'comm');
  return name.split('/').pop() ?? '';
};
