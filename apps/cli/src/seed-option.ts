import { InvalidArgumentError, Option } from 'commander';

/** `--seed`. */
export function seedOption(): Option {
  return new Option('--seed <n>', 'seed of the run instead of the recipe’s').argParser((text: string) => {
    if (/^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff) return Number(text);
    throw new InvalidArgumentError('expected a whole number from 0 to 4294967295');
  });
}
