/** Writes the built-in templates: `npm run build && node dist/docs-templates/make-templates.js docs-templates/templates`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { akt } from './akt.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of the templates');
await writeFile(join(folder, 'akt.docx'), akt());
