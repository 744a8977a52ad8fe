/**
 * A seat in the chat of a task. Who takes part in the task has one; who was taken out of the chat alone may be added by a
 * participant only (b24restdocs: chats/chat-users/im-chat-user-add.md). A watcher comes back by leaving the task and
 * watching it anew, which the chat shows as two lines.
 */
import { type Write } from '../../sync/core/operation.ts';
import { type Attempt, done, failedOutcome, refused } from './attempt.ts';
import { troubleOf } from './failure.ts';
import { type Session } from './session.ts';

type Return = Extract<Write, { kind: 'task.join' }> & { readonly chat: string };

const add = 'im.chat.user.add';
const stop = 'tasks.task.stopwatch';
const start = 'tasks.task.startwatch';

export function returnAttempt(session: Session, write: Return, key: string): Attempt {
  const { task, chat, watches } = write;
  return {
    commands: [
      {
        key,
        method: add,
        params: { CHAT_ID: Number(chat), USERS: [Number(session.settings.actor)], HIDE_HISTORY: 'N' },
      },
    ],
    settle: async (answers) => {
      const answer = answers.get(key);
      if (answer?.is !== 'failed') return done(session, { task });
      // Adding oneself twice changes nothing: an answer that was lost is asked for again.
      if (answer.kind !== 'refused')
        return refused(session, troubleOf(answer, 'comment', add, `chat ${chat}`));
      if (watches !== true)
        return refused(session, {
          ...troubleOf(answer, 'comment', add, `chat ${chat}`),
          code: 'E-REMOTE-RIGHT',
          todo: 'Add the acting user to the chat of this task again; until then no comment crosses.',
        });
      const again = await session.client.run(
        [
          { key: 'stop', method: stop, params: { taskId: task } },
          { key: 'start', method: start, params: { taskId: task } },
        ],
        true,
      );
      for (const [name, method] of [
        ['stop', stop],
        ['start', start],
      ] as const) {
        const failure = again.get(name);
        if (failure?.is === 'failed') return failedOutcome(session, failure, 'comment', method);
      }
      return done(session, { task });
    },
  };
}
