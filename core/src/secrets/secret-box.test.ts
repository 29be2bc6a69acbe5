import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSecretBox, SecretBox } from './secret-box.ts';

let data = '';
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'revenge-box-'));
});
afterEach(() => rmSync(data, { recursive: true }));

test('a secret comes back by the key that was made at the first run, which only its owner may read', () => {
  const sealed = openSecretBox(data, undefined).seal('pässwörd');
  expect(sealed).not.toContain('pässwörd');
  expect(openSecretBox(data, undefined).open(sealed)).toBe('pässwörd');
  expect(statSync(join(data, 'secret-key')).mode & 0o777).toBe(0o600);
});

test('another key and a changed text are refused', () => {
  const sealed = new SecretBox('a'.repeat(32)).seal('x');
  expect(() => new SecretBox('b'.repeat(32)).open(sealed)).toThrow(/authenticate/);
  expect(() => new SecretBox('a'.repeat(32)).open(`${sealed.slice(0, -3)}AAA`)).toThrow(/authenticate/);
});

test('a key file that was cut short is named, never used', () => {
  writeFileSync(join(data, 'secret-key'), 'short');
  expect(() => openSecretBox(data, undefined)).toThrow(/secret-key is too short/);
  expect(readFileSync(join(data, 'secret-key'), 'utf8')).toBe('short');
});
