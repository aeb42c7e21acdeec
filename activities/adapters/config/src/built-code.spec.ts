import { describe, expect, it } from 'vitest';
import { readBuiltCode } from './built-code.js';

const read = (text: string | undefined) => readBuiltCode('code-version.json', { readText: () => text });

describe('the versions of the stage code', () => {
  it('are read as the build wrote them', () => {
    const built = { codeVersion: 'all', kinds: { train: 'one', noop: 'two' } };
    expect(read(JSON.stringify(built))).toEqual(built);
  });

  it.each([undefined, '', '{"codeVer', '{"codeVersion":"all"}', '{"codeVersion":"","kinds":{}}'])(
    'are not there when the file is %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});
