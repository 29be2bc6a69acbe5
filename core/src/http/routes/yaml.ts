/** Plain data as YAML: block style, texts in JSON's quotes where they need any. Small, as a document of 200 routes must not hold the event loop. */
export function toYaml(value: unknown): string {
  const lines: string[] = [];
  write(JSON.parse(JSON.stringify(value)), '', lines);
  return `${lines.join('\n')}\n`;
}

const plain = /^[A-Za-z][\w /.-]*[\w]$|^[A-Za-z]$/;
const words = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n']);
const text = (value: string): string =>
  plain.test(value) && !words.has(value.toLowerCase()) ? value : JSON.stringify(value);
const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isEmpty(value)) return Array.isArray(value) ? '[]' : '{}';
  return undefined;
}

function write(value: unknown, indent: string, lines: string[]): void {
  const one = scalar(value);
  if (one !== undefined) {
    lines.push(indent + one);
    return;
  }
  const inside = `${indent}  `;
  // only objects and lists with something in them come here
  for (const [name, item] of Object.entries(value as object)) {
    const key = Array.isArray(value) ? '-' : `${text(name)}:`;
    const flat = scalar(item);
    if (flat !== undefined) lines.push(`${indent}${key} ${flat}`);
    else {
      lines.push(indent + key);
      write(item, inside, lines);
    }
  }
}
