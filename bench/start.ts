/** `svyazka start` on a folder that exists: how soon it is ready, and what it holds when idle. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure } from './report.ts';
import { endProcess, makeFolder, pause, removeFolder } from './stand.ts';

const port = 18_731;

async function startOnce(folder: string): Promise<{ readySeconds: number; megabytes: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, '../app/cli.js'), 'start'], {
    env: { ...process.env, SVYAZKA_DATA_DIR: folder, SVYAZKA_PORT: String(port), SVYAZKA_LOG_LEVEL: 'error' },
    stdio: 'ignore',
    // Out of the terminal's group: after Ctrl-C there our own signal would be its second, which ends it at once.
    detached: true,
  });
  try {
    for (;;) {
      const ready = await fetch(`http://127.0.0.1:${String(port)}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) break;
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('start ended by itself');
      await pause(50);
    }
    const readySeconds = (performance.now() - started) / 1000;
    await pause(5_000);
    const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
    return { readySeconds, megabytes: Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024 };
  } finally {
    await endProcess(child);
  }
}

export async function start(): Promise<Figure[]> {
  const folder = await makeFolder();
  try {
    await startOnce(folder);
    const { readySeconds, megabytes } = await startOnce(folder);
    return [
      {
        bench: 'start',
        what: 'ready on an existing folder',
        value: readySeconds,
        unit: 's',
        limit: { atMost: 5 },
      },
      {
        bench: 'start',
        what: 'idle memory without PostgreSQL',
        value: megabytes,
        unit: 'MB',
        limit: { atMost: 250 },
      },
    ];
  } finally {
    await removeFolder(folder);
  }
}
