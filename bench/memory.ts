/** How much memory a file takes on its way: the same, however large it is. Over real HTTP, both ways. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AccountId, as } from '../errors/ids.ts';
import { linked } from './calls.ts';
import { type Figure } from './report.ts';
import { type Name, openStand, pause, type Stand } from './stand.ts';

const mebibyte = 1_048_576;
const sizes = [4, 64] as const;
/** Answers take so long that what an act leaves behind in this process is gone before its file is opened. */
const delayMs = 1_500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Heap and buffers of this process, the bridge in it, bytes; after a collection: what is in use. */
const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

async function copies(stand: Stand, account: Name): Promise<number> {
  const { store } = stand.bridge;
  const items = await store.loadItems(await store.listItems(null));
  return items
    .flatMap(({ replicas }) => replicas.filter((one) => one.account === as<AccountId>(account)))
    .flatMap(({ files }) => files.filter(({ role }) => role === 'copy')).length;
}

/** The most that is held while one file crosses, beyond what was held before. */
async function carried(stand: Stand, from: Name, task: number, size: number): Promise<number> {
  const to = from === 'teyron' ? 'romashka' : 'teyron';
  const there = await copies(stand, to);
  collect();
  const before = held();
  await stand.act(from, {
    as: from === 'teyron' ? 2 : 12,
    do: 'attach file',
    task,
    name: `${from} ${String(size)}.bin`,
    base64: 'QUJD'.repeat(Math.ceil((size * mebibyte) / 3)),
  });
  // The act's own request held all of the file.
  for (let tries = 0; held() > before + 4 * mebibyte && tries < 40; tries += 1) {
    await pause(25);
    collect();
  }
  let most = before;
  const sampling = setInterval(() => {
    collect();
    most = Math.max(most, held());
  }, 20);
  try {
    await stand.quiet(180_000);
  } finally {
    clearInterval(sampling);
  }
  if ((await copies(stand, to)) !== there + 1) throw new Error(`a file of ${String(size)} MiB did not cross`);
  return most - before;
}

export async function memory(): Promise<Figure[]> {
  const stand = await openStand({ limits: false, delayMs });
  try {
    const [task] = await linked(stand, 1);
    if (!task) throw new Error('there is no task');
    const figures: Figure[] = [];
    for (const from of ['teyron', 'romashka'] as const)
      for (const size of sizes)
        figures.push({
          bench: 'memory',
          what: `a file of ${String(size)} MiB from ${from}: held beside what was before, at most`,
          value: (await carried(stand, from, task[from], size)) / mebibyte,
          unit: 'MiB',
          limit: { atMost: 16 },
        });
    return figures;
  } finally {
    await stand.close();
  }
}
