import { problem } from '@revenge/sdk';

/** Deeper than any document of ours, shallower than any stack. */
const DEEPEST = 64;
const PROTO =
  /"(?:_|\\u005f){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006f)(?:t|\\u0074)(?:o|\\u006f)(?:_|\\u005f){2}"\s*:/i;

/** Parses what a stranger wrote: malformed, too deep and '__proto__' keys are 400. */
export function parseJson(bytes: Buffer): unknown {
  let text = bytes.toString('utf8');
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  if (text.trim() === '') return undefined;
  if (tooDeep(bytes)) throw problem.badRequest(`The JSON is nested deeper than ${DEEPEST} levels.`);
  if (PROTO.test(text)) throw problem.badRequest("The JSON has a '__proto__' key.");
  // PostgreSQL cannot store it in a text: refused here, in words, rather than there
  if (text.includes('\\u0000')) throw problem.badRequest('The JSON holds a NUL character.');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/(?:"[^]*"|\.\.\.)/g, '').trim() : '';
    throw problem.badRequest(`The body is no valid JSON: ${reason.slice(0, 120)}`);
  }
}

function tooDeep(bytes: Buffer): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (inText) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inText = false;
    } else if (c === 0x22) inText = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > DEEPEST) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}
