import { z } from 'zod';

/**
 * What is done about a failure: tried again at the cost of the infrastructure's budget, anywhere or on another worker; or at
 * the cost of the stage's own; or not at all.
 */
export const failureClassSchema = z.enum(['retry-infrastructure', 'retry-elsewhere', 'retry-own', 'stop']);
export type FailureClass = z.infer<typeof failureClassSchema>;

const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGSEGV',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSYS',
] as const;

const patternSchema = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => {
    try {
      return new RegExp(text) instanceof RegExp;
    } catch {
      return false;
    }
  }, 'expected a regular expression');

/** Fits the end of a stage's process by its exit code, by the signal that ended it, or by one of the last lines it wrote. */
export const failureRuleSchema = z.union([
  z.strictObject({
    exitCodes: z.array(z.int().min(1).max(255)).min(1),
    then: failureClassSchema,
    because: z.string(),
  }),
  z.strictObject({ signals: z.array(z.enum(SIGNALS)).min(1), then: failureClassSchema, because: z.string() }),
  z.strictObject({ logPattern: patternSchema, then: failureClassSchema, because: z.string() }),
]);
export type FailureRule = z.infer<typeof failureRuleSchema>;

/** Of one stage, or of all: the first that fits counts. */
export const failureRulesSchema = z.array(failureRuleSchema).max(100);

/** The rules that ship. Exit codes are those of sysexits.h and of the shells. */
export const DEFAULT_FAILURE_RULES: readonly FailureRule[] = [
  {
    logPattern:
      'CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY|^MemoryError|std::bad_alloc|OOM when allocating|JavaScript heap out of memory',
    then: 'stop',
    because: 'it ran out of memory, and would again',
  },
  {
    logPattern: '^(ModuleNotFoundError|ImportError|SyntaxError|IndentationError): ',
    then: 'stop',
    because: 'its code or its environment is incomplete',
  },
  {
    logPattern:
      'No space left on device|uncorrectable ECC|CUDA_ERROR_ECC|[Nn]o CUDA-capable device|No CUDA GPUs are available|CUDA-capable device\\(s\\) is/are busy|CUDA driver version is insufficient|GPU has fallen off the bus',
    then: 'retry-elsewhere',
    because: 'a disk or a device of the machine failed it',
  },
  {
    logPattern:
      'Connection (reset|refused|timed out)|Temporary failure in name resolution|NCCL.*(timeout|unhandled|error)',
    then: 'retry-infrastructure',
    because: 'a network or a service failed it',
  },
  { exitCodes: [75], then: 'retry-infrastructure', because: 'it asked to be tried again (EX_TEMPFAIL)' },
  { exitCodes: [64, 78], then: 'stop', because: 'it was called or configured wrongly (EX_USAGE, EX_CONFIG)' },
  { exitCodes: [126, 127], then: 'stop', because: 'there is no such program, or it may not be run' },
  {
    signals: ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'],
    then: 'retry-infrastructure',
    because: 'it was ended from outside',
  },
  { exitCodes: [129, 130, 137, 143], then: 'retry-infrastructure', because: 'it was ended from outside' },
];

/** What counts for a stage: its own rules, then those of the configuration, then those that ship. */
export function failureRules(
  own: readonly FailureRule[],
  configured: readonly FailureRule[],
): readonly FailureRule[] {
  return [...own, ...configured, ...DEFAULT_FAILURE_RULES];
}
