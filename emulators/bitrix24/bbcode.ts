/** BBCode as the portal shows it: `parsedDescription` of tasks and `formattedText` of results. */

const simple = ['b', 'i', 'u', 's', 'code', 'quote', 'table', 'tr', 'td', 'th'].join('|');

/** HTML of a text in BBCode; codes that are not known stay as they are. */
export const htmlOf = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(
      new RegExp(`\\[(/?)(${simple})\\]`, 'gi'),
      (_, slash: string, tag: string) => `<${slash}${tag.toLowerCase().replace('quote', 'blockquote')}>`,
    )
    .replace(/\[url=([^\]]+)\]([^]*?)\[\/url\]/gi, '<a href="$1">$2</a>')
    .replace(/\[url\]([^]*?)\[\/url\]/gi, '<a href="$1">$1</a>')
    .replace(/\[user=(\d+)\]([^]*?)\[\/user\]/gi, '<a href="/company/personal/user/$1/">$2</a>')
    .replace(/\[img[^\]]*\]([^]*?)\[\/img\]/gi, '<img src="$1">')
    .replace(/\[list\]/gi, '<ul>')
    .replace(/\[\/list\]/gi, '</ul>')
    .replaceAll('[*]', '<li>')
    .replace(/\r?\n/g, '<br />');
