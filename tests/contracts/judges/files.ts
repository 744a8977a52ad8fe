/** Cases of Planfix about files. */
import { expect } from '@jest/globals';
import { benchOf, openText, refused, task, type Judges } from '../planfixBench.ts';
import { fileId, fileSource, taskId, written, failureOf } from '../portCalls.ts';

export const fileJudges: Judges = {
  'planfix.file.upload': async (one) => {
    const bench = benchOf(one, { 'POST /file/9010/attach/task': { result: 'success' } });
    const source = fileSource('тест-файл.bin');
    const made = await written(bench, { kind: 'file.attach', task, source }, openText('байты'));
    expect(made).toMatchObject({ is: 'done', made: { files: [{ shared: source.shared, file: '9010' }] } });
    expect(bench.own()[0]?.json['raw']).toContain('name="file"; filename="тест-файл.bin"');
  },
  'planfix.file.upload.too-large': async (one) => {
    const bench = benchOf(one);
    const source = fileSource('видео.mp4', { size: 104_857_601 });
    expect(await written(bench, { kind: 'file.attach', task, source })).toMatchObject(
      refused('E-FILE-TOO-LARGE'),
    );
    expect(bench.sent).toEqual([]);
    const unsized = { ...source, size: null };
    const told = await written(benchOf(one), { kind: 'file.attach', task, source: unsized }, openText('x'));
    expect(told).toMatchObject(refused('E-FILE-TOO-LARGE'));
  },
  'planfix.file.attach.task': async (one) => {
    const bench = benchOf(one, { 'POST /file/': { result: 'success', id: 9010 } });
    const source = fileSource('a.txt');
    await written(bench, { kind: 'file.attach', task, source }, openText('x'));
    expect(bench.own()).toMatchObject([{ query: { id: '1001' } }]);
  },
  'planfix.file.attach.denied': async (one) => {
    const bench = benchOf(one, { 'POST /file/': { result: 'success', id: 9010 } });
    const source = fileSource('a.txt');
    const attach = { kind: 'file.attach', task: taskId('1003'), source } as const;
    expect(await written(bench, attach, openText('x'))).toMatchObject(refused('E-REMOTE-RIGHT'));
  },
  'planfix.file.download': async (one) => {
    const bench = benchOf(one, {
      'GET /file/9001': { result: 'success', file: { id: 9001, name: 'Акт сверки.pdf', size: 1 } },
    });
    const opened = await bench.connector.openFile(task, null, fileId('9001'));
    expect(opened.name).toBe('Акт сверки.pdf');
    const last = bench.sent.at(-1);
    expect(last?.path).toContain('https://storage.example/pf/9001/');
    expect(last?.headers['authorization']).toBeUndefined();
  },
  'planfix.file.download.missing': async (one) => {
    const bench = benchOf(one, { 'GET /file/9999': { result: 'success', file: { id: 9999, name: 'x' } } });
    const error = await failureOf(bench.connector.openFile(task, null, fileId('9999')));
    expect(error.trouble.code).toBe('E-FILE-UNREADABLE');
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.file.get.size-is-kilobytes': async (one) => {
    const opened = await benchOf(one).connector.openFile(task, null, fileId('9002'));
    expect(opened).toMatchObject({ name: 'ТЗ.docx', size: null });
  },
};
