/** A process that opens the database of a folder, says so in one line, and leaves when its input ends. */
import { openDatabase, type DatabaseOwner } from '../store/postgres/server.ts';

const [folder, owner] = process.argv.slice(2);
if (!folder) throw new Error('usage: open-database FOLDER OWNER');
try {
  const { connectionString, owned, release } = await openDatabase(folder, { owner: owner as DatabaseOwner });
  console.log(JSON.stringify({ connectionString, owned }));
  process.stdin.resume().once('end', () => {
    void release().then(() => console.log(JSON.stringify({ released: true })));
  });
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
