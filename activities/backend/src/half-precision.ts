import { BackendError } from './backend-error.js';

/** As Linux spells them. */
const HALF_INSTRUCTIONS = ['avx512_fp16', 'amx_fp16'];

/**
 * TensorFlow multiplies float16 on any processor, and where that lacks the instructions it is slower than float32.
 * @param processor as `describeProcessor` describes it
 * @throws BackendError
 */
export function refuseSlowHalves(processor: string): void {
  if (HALF_INSTRUCTIONS.some((name) => processor.split(' ').includes(name))) return;
  throw new BackendError('The processor does not multiply float16', {
    where: 'precision: float16',
    expected: `a GPU, or a processor with ${HALF_INSTRUCTIONS.join(' or ')}`,
    actual: processor,
    hint: 'Choose `precision: float32` for the pool, or `bfloat16` where the processor has avx512_bf16 or amx_bf16.',
  });
}
