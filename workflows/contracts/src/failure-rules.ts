import { z } from 'zod';

/** What is done about a failure: tried again at the cost of the infrastructure's budget, or of the stage's own, or not at all. */
export const failureClassSchema = z.enum(['retry-infrastructure', 'retry-own', 'stop']);
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

/** Fits an end of a program by its exit code, by the signal that ended it, or by one of the last lines it wrote. */
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

/** The rules of a program that declares none. Exit codes are those of sysexits.h and of the shells. */
export const DEFAULT_FAILURE_RULES: FailureRule[] = [
  {
    logPattern: 'CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY|^MemoryError|std::bad_alloc',
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
      'No space left on device|Connection (reset|refused|timed out)|Temporary failure in name resolution|NCCL.*(timeout|unhandled|error)',
    then: 'retry-infrastructure',
    because: 'a disk, a network or a service failed it',
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
