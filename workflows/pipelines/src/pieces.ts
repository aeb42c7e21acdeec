/** Characters of JSON that travel together: three bytes each at most, and a payload holds two MiB. */
const MOST_CHARACTERS = 500_000;

/** Things in pieces that travel, each of one thing at least, whose length has a bound of its own. */
export function inPieces<T>(things: readonly T[]): T[][] {
  const pieces: T[][] = [];
  let characters = Infinity;
  for (const thing of things) {
    const length = JSON.stringify(thing).length;
    const piece = pieces.at(-1);
    if (piece && characters + length <= MOST_CHARACTERS) {
      piece.push(thing);
      characters += length;
    } else {
      pieces.push([thing]);
      characters = length;
    }
  }
  return pieces;
}
