/** Files of tasks and of comments. */
import { expect, test } from '@jest/globals';
import { type OpenSource } from '../../../connectors/port.ts';
import { type Fresh, byPeople, commentsOf, create, fileBytes, openBytes, say, source } from './bench.ts';
import { collected, done, fileId, snapshotOf } from '../portCalls.ts';

export function filesKept(fresh: Fresh): void {
  test("a file's bytes come back equal under their name", async () => {
    const bench = await fresh();
    const task = await create(bench);
    const outcome = await done(bench, { kind: 'file.attach', task, source }, openBytes);
    expect(outcome.made.files?.map((made) => made.shared)).toEqual([source.shared]);
    const [file] = (await snapshotOf(bench, task)).files;
    expect(file).toMatchObject({ id: outcome.made.files?.[0]?.file, name: source.name });
    const opened = await bench.connector.openFile(task, null, file?.id ?? fileId(''));
    expect(opened.name).toBe(source.name);
    expect((await collected(opened.bytes)).equals(Buffer.from(fileBytes))).toBe(true);
  });

  test('a comment carries its files, and one that can not be opened fails alone', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await create(bench));
    const broken = { ...source, name: 'пропал.pdf' };
    const open: OpenSource = (asked) =>
      asked.name === broken.name ? Promise.reject(new Error('gone')) : openBytes(asked);
    const outcome = await done(bench, say(bench, known, 'Вот смета', { files: [broken, source] }), open);
    expect(outcome.failures.map((failure) => failure.about)).toEqual([broken.name]);
    const shown = byPeople((await commentsOf(bench, known)).list);
    const [file] = shown.flatMap((comment) => comment.files);
    expect(file).toMatchObject({ id: outcome.made.files?.[0]?.file, name: source.name });
  });
}
