/** What the server does to HTML in descriptions and comments (section 9). */
import { Refusal } from './answers.ts';
import { type Settings } from './settings.ts';

const BLOCK = /^\s*<(p|ul|ol|h[1-6]|table|blockquote|pre|div|hr)\b/i;

/**
 * The HTML as it is stored: scripts, styles and handlers dropped, the rest kept byte for byte or wrapped, as the
 * settings say.
 * @throws Refusal code 30 for characters beyond the Basic Multilingual Plane when the account refuses them.
 */
export function storedHtml(html: string, settings: Settings): string {
  refuseAstral(html, settings);
  const safe = html.includes('<') ? withoutScripts(html) : html;
  if (settings['html.rewrite'] === 'keep' || safe === '' || BLOCK.test(safe)) return safe;
  return `<p>${safe}</p>`;
}

export function refuseAstral(text: string, settings: Settings): void {
  if (settings['html.rejectAstral'] && /[\u{10000}-\u{10ffff}]/u.test(text)) {
    throw new Refusal(400, 30, 'Rest API error');
  }
}

function withoutScripts(html: string): string {
  return html
    .replace(/<(script|style)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/gi, '')
    .replace(/<[a-z][^>]*>/gi, (tag) =>
      tag
        .replace(/\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '')
        .replace(/\s(href|src)\s*=\s*(["']?)\s*javascript:[^"'>]*\2/gi, ''),
    );
}
