/** What Bitrix24 would tell people: its own bell for everybody, a mail to those who have no portal of their own. */
import { type Call } from './call.ts';

const mailed = new Set(['email', 'extranet', 'collaber']);

/** Tells each person once, the caller excepted. Nobody is told what the account itself did to him. */
export const tell = (
  call: Call,
  people: readonly number[],
  about: string,
  task: number,
  text: string,
): void => {
  for (const id of new Set(people)) {
    const person = call.state.users.get(id);
    if (id === call.user || person === undefined || !person.active || person.hidden) continue;
    const notice = { at: call.now, to: String(id), about, task: String(task), text };
    call.effects.push({
      kind: 'notice',
      notice: mailed.has(person.type) && person.email !== '' ? { ...notice, email: person.email } : notice,
    });
  }
};

/** People mentioned in a text as [USER=n]. */
export const mentioned = (text: string): number[] => [
  ...new Set([...text.matchAll(/\[USER=(\d+)[^\]]*\]/gi)].map((match) => Number(match[1]))),
];
