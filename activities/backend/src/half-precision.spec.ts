import { describe, expect, it } from 'vitest';
import { refuseSlowHalves } from './half-precision.js';

describe('float16 on a processor', () => {
  it('is refused where it would be slower than float32, with what to choose instead', () => {
    expect(() => refuseSlowHalves('x64 EPYC family 25 model 1 avx avx2 fma')).toThrow(
      'The processor does not multiply float16 (precision: float16): expected a GPU, or a processor with avx512_fp16 or ' +
        'amx_fp16, got x64 EPYC family 25 model 1 avx avx2 fma. Choose `precision: float32`',
    );
    // Its name may say what it likes.
    expect(() => refuseSlowHalves('x64 my-avx512_fp16x avx2')).toThrow('does not multiply float16');
  });

  it('is taken where it has the instructions', () => {
    expect(() => refuseSlowHalves('x64 Xeon family 6 model 143 avx2 avx512f avx512_fp16')).not.toThrow();
    expect(() => refuseSlowHalves('x64 Xeon family 6 model 173 avx2 amx_fp16')).not.toThrow();
  });
});
